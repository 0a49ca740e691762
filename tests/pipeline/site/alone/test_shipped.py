"""What the book ships of an executed notebook: nothing of the machine, the hour or chance."""

import json

from digital_clusters.pipeline.site.alone.shipped import SVG, shareable

DRAWING = """<svg><defs><clipPath id="{clip}"><rect/></clipPath><path id="{mark}"/></defs>
<g id="axes_1"><path clip-path="url(#{clip})"/><use xlink:href="#{mark}"/></g></svg>"""


def shipped(tmp_path, *outputs):
    page = tmp_path / "page.ipynb"
    cell = {"id": "x", "metadata": {"papermill": {}, "tags": []}, "outputs": list(outputs)}
    page.write_text(json.dumps({"cells": [cell], "metadata": {"papermill": {"input_path": "x"}}}))
    return json.loads(shareable(page, tmp_path))["cells"][0]["outputs"]


def stream(name, text):
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_what_a_cell_prints_is_one_text_however_it_arrived(tmp_path):
    whole = shipped(tmp_path, stream("stdout", ["a\n", "b\n", "c\n"]), stream("stderr", "d"))
    pieces = shipped(
        tmp_path, stream("stdout", "a\n"), stream("stdout", ["b\n", "c\n"]), stream("stderr", "d")
    )
    assert ["".join(one["text"]) for one in whole] == [one["text"] for one in pieces] == ["a\nb\nc\n", "d"]


def test_hashed_names_inside_of_a_drawing_are_numbered(tmp_path):
    names = [("p0123456789", "mabcdef0123"), ("pfedcba9876", "m0000000000")]
    one, two = (
        shipped(tmp_path, shown(**{SVG: DRAWING.format(clip=clip, mark=mark)}))[0]["data"][SVG]
        for clip, mark in names
    )
    assert one == two == DRAWING.format(clip="n0", mark="n1")


def test_places_of_the_machine_are_left_out(tmp_path):
    path = f"PosixPath('{tmp_path}/_build/cache/a.b/.draft-12-x-y/results/a.json')"
    (found,) = shipped(tmp_path, shown(**{"text/plain": [path]}))
    assert found["data"]["text/plain"] == ["PosixPath('_build/results/a.json')"]
    (found,) = shipped(
        tmp_path, shown(**{"text/plain": "<x object at 0x7f0011223344>", "text/html": "<b>7</b>"})
    )
    assert found["data"] == {"text/html": "<b>7</b>"}
