"""Closes the gaps between WeasyPrint's tagged PDF and PDF/UA-1 with PDF/A-2a.

Table headers get their scope; links get the print flag; running heads become artifacts (WeasyPrint's issue 1836); the
metadata name PDF/UA; font tags are numbered, since WeasyPrint derives them from a description that differs between
releases of Pango. The metadata stay uncompressed, as PDF/A asks, and no stream ends in a way that strict readers
misread. qpdf leaves out what nothing refers to.
"""

import io
import warnings
import zlib
from collections.abc import Collection, Mapping, Set
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, Pdf, Stream

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
SET_FONT, BEGIN_MARKED = Operator("Tf"), Operator("BDC")
ObjectNumber = tuple[int, int]
"""Number and generation of an object in its file."""
PRINT_FLAG = 4
"""Of an annotation: it is printed with its page."""
FONT_NAMES = {"/BaseFont", "/FontName"}
"""Keys under which the name of a font stands, its tag first: `/RPTAAA+Report-Serif`."""
CR_ENDING = b"\r\nendstream"


def finished_pdf(document: Any, **options: Any) -> bytes:  # WeasyPrint carries no types
    """Return the bytes of a laid-out document, finished; the same bytes each time."""
    with warnings.catch_warnings():
        # WeasyPrint leaves it to the interpreter to close the colour profile that it embeds.
        warnings.simplefilter("ignore", ResourceWarning)
        plain: bytes = document.write_pdf(uncompressed_pdf=True, **options)
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        elements = _elements(pdf)
        _print_links(pdf)
        _scope_headers(elements.values())
        _rewrite_contents(pdf, elements.keys())
        _name_standard(pdf)
        # WeasyPrint's identifier is a hash of what it wrote, its own font tags included.
        del pdf.trailer[Name.ID]
        _pack_streams(pdf)
        return _saved(pdf)


def _pack_streams(pdf: Pdf) -> None:
    """Compress the streams that have no filter, but for the metadata, which PDF/A wants plain; none ends in CR.

    Together with the line end that follows, a CR is a line end of two bytes, and strict readers miscount the length of
    the stream. The last byte of compressed data is one of a checksum; what follows it is ignored (RFC 1950, 2.2).
    """
    for stream in pdf.objects:
        if not isinstance(stream, Stream) or stream.get(Name.Type) == Name.Metadata:
            continue
        packed, given, parameters = stream.read_raw_bytes(), stream.get(Name.Filter), stream.get(Name.DecodeParms)
        if given is None:
            packed = zlib.compress(packed, 9)
        ending = b"\0" if packed.endswith(b"\r") else b""
        if given is None or ending:
            stream.write(
                packed + ending,
                filter=Name.FlateDecode if given is None else Array([given]),
            )
            if parameters is not None:
                stream.DecodeParms = parameters


def _saved(pdf: Pdf) -> bytes:
    """Return the bytes of the file, in which no object stream ends in CR.

    Their last byte is one of a checksum of what they hold, so that every third report or so has such a stream. One more
    object, a page's box, moves all that follow to other places.
    """
    output = _written(pdf, pikepdf.ObjectStreamMode.generate)
    for page in pdf.pages:
        if CR_ENDING not in output:
            return output
        page.obj.MediaBox = pdf.make_indirect(page.obj.MediaBox)
        output = _written(pdf, pikepdf.ObjectStreamMode.generate)
    return output if CR_ENDING not in output else _written(pdf, pikepdf.ObjectStreamMode.disable)


def _written(pdf: Pdf, mode: pikepdf.ObjectStreamMode) -> bytes:
    output = io.BytesIO()
    pdf.save(output, deterministic_id=True, object_stream_mode=mode)
    return output.getvalue()


def _elements(pdf: Pdf) -> dict[ObjectNumber, Object]:
    """Return the elements that the structure tree holds, by their numbers."""
    elements: dict[ObjectNumber, Object] = {}
    waiting = list(pdf.Root.StructTreeRoot.K)
    while waiting:
        element = waiting.pop()
        if element.objgen not in elements:
            elements[element.objgen] = element
            # The other kids are marks of content, which are numbers, and references to links.
            waiting += [kid for kid in element.get(Name.K, ()) if isinstance(kid, Dictionary) and Name.S in kid]
    return elements


def _print_links(pdf: Pdf) -> None:
    for page in pdf.pages:
        for annotation in page.get(Name.Annots, ()):
            annotation.F = PRINT_FLAG


def _scope_headers(elements: Collection[Object]) -> None:
    """Give table headers their scope: WeasyPrint links cells to headers, which leaves the corner's without a role."""
    for element in elements:
        if element.S == Name.TH:
            parent = element
            while parent.S not in (Name.THead, Name.TBody, Name.TFoot, Name.Table):
                parent = parent.P
            element.A.Scope = Name.Column if Name.THead == parent.S else Name.Row


def _rewrite_contents(pdf: Pdf, reached: Set[ObjectNumber]) -> None:
    """Number the fonts, and make running heads and feet pagination artifacts.

    Args:
        pdf: is changed in place.
        reached: numbers of the elements in the structure tree; the heads' and feet's stand outside of it.
    """
    drawings = [entry for entry in pdf.objects if isinstance(entry, pikepdf.Stream) and Name.Resources in entry]
    tags = _number_fonts(pdf)
    parents = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
    for page in pdf.pages:
        marked = parents[int(page.StructParents)]
        outside = {mark for mark, element in enumerate(marked) if element.objgen not in reached}
        for mark in outside:
            marked[mark] = None
        page.Contents = pdf.make_stream(_rewritten(page.obj, tags, outside))
    for drawing in drawings:
        drawing.write(_rewritten(drawing, tags, set()))


def _rewritten(content: Object, tags: Mapping[str, Name], outside: Set[int]) -> bytes:
    """Return the instructions of a page or drawing: its fonts renamed, marks outside of the structure set aside."""
    instructions = pikepdf.parse_content_stream(content)
    for index, instruction in enumerate(instructions):
        operator, operands = instruction.operator, instruction.operands
        if operator == SET_FONT:
            font, size = operands
            instructions[index] = pikepdf.ContentStreamInstruction([tags[str(font)], size], operator)
        elif operator == BEGIN_MARKED and operands[1].get(Name.MCID) in outside:
            pagination = [Name.Artifact, Dictionary(Type=Name.Pagination)]
            instructions[index] = pikepdf.ContentStreamInstruction(pagination, operator)
    return pikepdf.unparse_content_stream(instructions)


def _number_fonts(pdf: Pdf) -> dict[str, Name]:
    """Number the tags of embedded fonts (`RPTAAA+Report-Serif`) in order of use; return the new tag of each old one."""
    fonts = pdf.pages[0].Resources.Font  # all contents share it
    in_order = sorted(fonts.keys(), key=lambda tag: fonts[tag].objgen)
    tags = {old: Name(f"/RPT{chr(65 + n // 26)}A{chr(65 + n % 26)}") for n, old in enumerate(in_order)}
    renamed = {tags[old]: font for old, font in fonts.items()}
    for old in in_order:
        del fonts[old]
    for tag, font in renamed.items():
        fonts[tag] = font
    for entry in pdf.objects:
        if isinstance(entry, Dictionary):
            for key in FONT_NAMES & entry.keys():
                old, plus, name = str(entry[key]).partition("+")
                entry[key] = Name(f"{tags[old]}{plus}{name}")
    return tags


def _name_standard(pdf: Pdf) -> None:
    metadata = pdf.Root.Metadata
    metadata.write(metadata.read_bytes().replace(b"</rdf:RDF>", UA_METADATA + b"</rdf:RDF>"))
