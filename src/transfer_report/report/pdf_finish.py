"""Closes the gaps between WeasyPrint's tagged PDF and PDF/UA-1 beside PDF/A-2a; a finisher of WeasyPrint.

What it does: table headers get their scope; links get the print flag; running heads become artifacts (WeasyPrint's
issue 1836); the metadata name PDF/UA and stay uncompressed, as PDF/A asks; font tags are numbered, since WeasyPrint
derives them from a description that differs between releases of Pango.
"""

import base64
import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import pydyf

Pdf = Any
"""pydyf's document, which carries no types."""

UA_METADATA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
MOST_PADS = 8


def finished_pdf(document: Any, **options: Any) -> bytes:  # WeasyPrint carries no types
    """The bytes of a laid-out document, finished."""
    with warnings.catch_warnings():
        # WeasyPrint leaves it to the interpreter to close the colour profile that it embeds.
        warnings.simplefilter("ignore", ResourceWarning)
        data: bytes = document.write_pdf(finisher=_finish, **options)
    return data


def _finish(document: Any, pdf: Pdf) -> None:
    elements = [entry for entry in pdf.objects if isinstance(entry, dict) and entry.get("Type") == "/StructElem"]
    _print_links(pdf)
    _scope_headers(pdf, elements)
    _set_aside_margins(pdf, elements)
    _name_standard(pdf)
    _number_fonts(document, pdf)
    _settle_streams(pdf)
    write = pdf.write
    pdf.write = lambda output, *how: output.write(_cleanly_written(pdf, write, *how))


def _cleanly_written(pdf: Pdf, write: Callable[..., None], *how: Any) -> bytes:
    """The bytes of a PDF in which no stream ends in a line end.

    Strict readers take such an end, before `endstream`, for a wrong length. The last streams, of objects and of their
    places, are made as they are written; an unused object more or less changes their bytes until none ends so.
    """
    count = len(pdf.objects)
    for pads in range(MOST_PADS):
        output = io.BytesIO()
        write(output, *how)
        data = output.getvalue()
        if b"\r\nendstream" not in data and b"\n\nendstream" not in data:
            return data
        del pdf.objects[count + pads :]
        pdf.add_object(pydyf.Dictionary({"Pad": pads}))
        pdf.current_position = 0
    raise RuntimeError("no arrangement of the PDF has clean stream ends")


def _number(reference: bytes | str) -> int:
    """The number of the object that `12 0 R` refers to."""
    return int(reference.split()[0])


def _print_links(pdf: Pdf) -> None:
    print_flag = 4
    for entry in pdf.objects:
        if isinstance(entry, dict) and entry.get("Type") == "/Annot":
            entry["F"] = print_flag


def _scope_headers(pdf: Pdf, elements: list[Any]) -> None:
    """WeasyPrint links cells to headers, which leaves the corner's header without a role."""
    for element in elements:
        if element["S"] == "/TH":
            parent = element
            while parent["S"] not in ("/THead", "/TBody", "/TFoot", "/Table"):
                parent = pdf.objects[_number(parent["P"])]
            element["A"]["Scope"] = "/Column" if parent["S"] == "/THead" else "/Row"


def _set_aside_margins(pdf: Pdf, elements: list[Any]) -> None:
    """Running heads and feet are tagged but stand outside of the structure tree: they become pagination artifacts."""
    root = pdf.objects[_number(pdf.catalog["StructTreeRoot"])]
    reached = _reached(pdf, root)
    orphans = [element for element in elements if element.number not in reached]
    marks: dict[int, set[int]] = {}
    for element in orphans:
        for kid in element.get("K", ()):
            if isinstance(kid, int):
                marks.setdefault(_number(element["Pg"]), set()).add(kid)
    parents = pdf.objects[_number(root["ParentTree"])]["Nums"]
    for page_number, identifiers in marks.items():
        page = pdf.objects[page_number]
        stream = pdf.objects[_number(page["Contents"])].stream
        for index, item in enumerate(stream):
            if isinstance(item, dict) and item.get("MCID") in identifiers:
                stream[index - 1 : index + 1] = [b"/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]
        entries = parents[parents.index(page["StructParents"]) + 1]
        for identifier in identifiers:
            entries[identifier] = b"null"
    for element in orphans:
        element.clear()


def _reached(pdf: Pdf, root: Any) -> set[int]:
    """Numbers of the objects that the structure tree holds."""
    reached: set[int] = set()
    waiting = [_number(kid) for kid in root["K"]]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            entry = pdf.objects[number]
            kids = entry.get("K", ()) if isinstance(entry, dict) else ()
            waiting += [_number(kid) for kid in kids if isinstance(kid, bytes | str)]
    return reached


def _name_standard(pdf: Pdf) -> None:
    metadata = pdf.objects[_number(pdf.catalog["Metadata"])]
    metadata.compress = False
    metadata.stream[:] = [part.replace(b"</rdf:RDF>", UA_METADATA + b"</rdf:RDF>") for part in metadata.stream]


def _number_fonts(document: Any, pdf: Pdf) -> None:
    """Number the tags of embedded fonts (`RPTAAA+Report Serif`) in order of use."""
    tags: dict[str, str] = {}
    for font in document.fonts.values():
        tags.setdefault(font.hash, f"RPT{chr(65 + len(tags) // 26)}A{chr(65 + len(tags) % 26)}")
    pattern = re.compile("/(" + "|".join(map(re.escape, tags)) + r")(?=[ +])")

    def renamed(item: Any) -> Any:  # a PDF token of any kind
        if isinstance(item, bytes):
            return renamed(item.decode("latin-1")).encode("latin-1")
        return pattern.sub(lambda match: "/" + tags[match[1]], item) if isinstance(item, str) else item

    for entry in pdf.objects:
        if isinstance(entry, pydyf.Stream) and not _is_font_file(entry):
            entry.stream[:] = [renamed(item) if _names_font(item) else item for item in entry.stream]
        elif isinstance(entry, dict):
            for old in [key for key in entry if key in tags]:
                entry[tags[old]] = entry.pop(old)
            for key in {"BaseFont", "FontName"} & entry.keys():
                entry[key] = renamed(entry[key])


def _is_font_file(stream: Any) -> bool:
    return "Length1" in stream.extra or stream.extra.get("Subtype") == "/OpenType"


def _names_font(item: Any) -> bool:
    """Whether a token of a content stream begins with a name, as `/Tag 9 Tf` does."""
    return isinstance(item, bytes | str) and item[:1] in (b"/", "/")


def _settle_streams(pdf: Pdf) -> None:
    """Compress each stream once, since pydyf would for every look at it, and have none end in a line end.

    A content stream with such an end gets an empty line; what must not change is stored another way.
    """
    for entry in pdf.objects:
        if not isinstance(entry, pydyf.Stream):
            continue
        content = _content(entry)
        for _ in range(MOST_PADS):
            if content[-1:] not in (b"\n", b"\r"):
                break
            if _is_font_file(entry):
                entry.compress = False
                break
            if "Filter" in entry.extra:
                _as_letters(entry, content)
                break
            entry.stream.append(b"")
            content = _content(entry)
        if entry.compress:
            entry.stream[:], entry.compress = [content], False
            entry.extra["Filter"] = "/FlateDecode"


def _content(stream: Any) -> bytes:
    """The bytes of a stream as they are written, compressed where it is."""
    data: bytes = stream.data
    return data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")


def _as_letters(stream: Any, content: bytes) -> None:
    """Write a stream that came compressed, as pictures do, in ASCII85, which always ends in `~>`."""
    stream.stream[:] = [base64.a85encode(content) + b"~>"]
    stream.extra["Filter"] = pydyf.Array(["/ASCII85Decode", stream.extra["Filter"]])
    if "DecodeParms" in stream.extra:
        stream.extra["DecodeParms"] = pydyf.Array([b"null", stream.extra["DecodeParms"]])
