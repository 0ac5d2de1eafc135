#!/usr/bin/env python3
"""Writes the drawings of the test set: corpus.py NODE_MODULES FOLDER SAMPLES

From each package's icons, sorted by name, every n-th is taken, so that the same packages and SAMPLES
always give the same drawings and nobody has picked them. FOLDER gets CLASS--PACKAGE--NAME.svg.
"""

import json
import pathlib
import sys

# Class of drawing, and the packages it is taken from in equal parts.
CLASSES = {
    "mono": ["simple-icons"],
    "logo": ["logos"],
    "flat": ["twemoji", "fluent-emoji-flat"],
    "gradient": ["fluent-emoji"],
    "stroke": ["openmoji"],
}


def spread(names, count):
    """`count` of `names`, evenly spread, from the middle of each part."""
    count = min(count, len(names))
    return [names[(2 * i + 1) * len(names) // (2 * count)] for i in range(count)]


def drawing(package, icon):
    """The icon as an SVG file."""
    if any(icon.get(key) for key in ("rotate", "hFlip", "vFlip")):
        raise SystemExit(f"corpus.py: {package['prefix']} has turned icons, which this script does not know")
    left, top = (icon.get(key, package.get(key, 0)) for key in ("left", "top"))
    width, height = (icon.get(key, package.get(key, 16)) for key in ("width", "height"))
    body = icon["body"].replace("currentColor", "#000")
    xlink = ' xmlns:xlink="http://www.w3.org/1999/xlink"' if "xlink:" in body else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{xlink} width="{width}" height="{height}" '
        f'viewBox="{left} {top} {width} {height}">{body}</svg>\n'
    )


def main():
    modules, folder, samples = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for class_, packages in CLASSES.items():
        for place, name in enumerate(packages):
            package = json.loads((modules / "@iconify-json" / name / "icons.json").read_text("utf-8"))
            # Hidden icons are those the package's makers have withdrawn.
            names = sorted(n for n, icon in package["icons"].items() if not icon.get("hidden"))
            # What does not divide evenly goes to the first package.
            count = samples // len(packages) + (place < samples % len(packages))
            for icon in spread(names, count):
                text = drawing(package, package["icons"][icon])
                (folder / f"{class_}--{name}--{icon}.svg").write_text(text, "utf-8")


main()
