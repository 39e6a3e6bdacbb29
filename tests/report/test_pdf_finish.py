import io
import zlib

import pikepdf
import pytest

from transfer_report.report.pdf_finish import _pack_streams, _saved


@pytest.mark.parametrize("packed", [False, True])
def test_no_stream_ends_in_cr(packed):
    data = next(data for count in range(10_000) if zlib.compress(data := b"x" * count, 9).endswith(b"\r"))
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.obj.Marked = pdf.make_stream(data)
        if packed:
            page.obj.Marked.write(zlib.compress(data, 9), filter=pikepdf.Name.FlateDecode)
        _pack_streams(pdf)
        saved = _saved(pdf)
    assert b"\r\nendstream" not in saved
    assert b"/ObjStm" in saved
    with pikepdf.open(io.BytesIO(saved)) as pdf:
        assert pdf.pages[0].obj.Marked.read_bytes() == data
