// Traces a PNG with imagetracerjs at its defaults: NODE_PATH=... node imagetracer.cjs IN.png OUT.svg
'use strict';
const fs = require('fs');
const { PNG } = require('pngjs');
const ImageTracer = require('imagetracerjs');

const [input, output] = process.argv.slice(2);
const { width, height, data } = PNG.sync.read(fs.readFileSync(input));
// With `viewbox` the SVG scales; otherwise it has the same shapes and a fixed size.
fs.writeFileSync(output, ImageTracer.imagedataToSVG({ width, height, data }, { viewbox: true }));
