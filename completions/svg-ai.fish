# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_svg_ai_global_optspecs
    string join \n q/quiet v/verbose log-format= log= config= print-config h/help V/version
end

function __fish_svg_ai_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_svg_ai_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_svg_ai_using_subcommand
    set -l cmd (__fish_svg_ai_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c svg-ai -n "__fish_svg_ai_needs_command" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_needs_command" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_needs_command" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_needs_command" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -s V -l version -d 'Print version'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -f -a "convert" -d 'Convert one image'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -f -a "optimize" -d 'Search for the best trace of one image, or shrink an SVG with proof'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -f -a "batch" -d 'Convert files and folders, in parallel'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -f -a "score" -d 'Measure how close an SVG is to an image'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -f -a "bench" -d 'Measure quality, size and speed over a set of images, and gate on them'
complete -c svg-ai -n "__fish_svg_ai_needs_command" -f -a "generate" -d 'Print a man page, a completion script, the report schema or the list of error codes'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -s o -l output -d 'SVG to write; `-` is standard output [default: IN with .svg]' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l if-exists -d 'What to do when OUT exists: overwrite, skip or error' -r -f -a "overwrite\t'Replace it'
skip\t'Leave it alone'
error\t'Fail the item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l report -d 'Write the record as JSON (`-`: standard output)' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l deps -d 'Write a makefile rule with the inputs of OUT' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l debug-stages -d 'Write a picture of each stage of the contour engine into this folder' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l fail-under -d 'Exit with 4 when the quality is below this' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -s j -l jobs -d 'Threads (0: all cores)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l quality -d 'How much time an image is worth' -r -f -a "fast\t'One trace (usually some 50 ms; at most 2 s)'
balanced\t'A second trace where the first scores badly (at most 5 s)'
best\t'The best of several careful traces (at most 15 s)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l tier -d 'The same as a number: 1 fast, 2 balanced, 3 best' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l class -d 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]' -r -f -a "simple\t'Few flat colours, geometric'
text\t'Glyphs and fine high-contrast marks'
gradient\t'Smooth ramps'
complex\t'Illustration with many regions'
photo\t'Photographs'
pixel-art\t'Hard square cells'
line-art\t'Strokes of constant width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l engine -d 'Tracing engine [auto, contour, cells, vtracer]' -r -f -a "auto\t'Chosen by class'
contour\t'Our own: sub-pixel boundaries from the anti-aliasing'
cells\t'Our own, for pixel art: areas of exactly one colour along their cells'
vtracer\t'Colour clustering and splines (visioncortex)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l presets -d 'Start from the presets in this file, as written by `optimize --learn`' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l timeout -d 'Deadline of an image, such as 500ms or 10s [default: the tier\'s]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l paper -d 'Uneven light on photographed or scanned paper: take it out (auto) or trace it (keep)' -r -f -a "auto\t'As if all of it were lit alike'
keep\t'As it was seen'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l metrics -d 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]' -r -f -a "basic\t'All figures but SSIMULACRA2'
full\t'All figures'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l colors -d 'Use at most so many inks' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l palette -d 'Use only these inks, such as \'#ffffff,#d20a14\'' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l palette-file -d 'Use only the inks in this file, one #rrggbb a line; what follows a space is a comment' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l min-area -d 'Give regions smaller than this to their neighbours, px²' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l background -d 'Draw the ground that touches the rim: keep or remove' -r -f -a "keep\t'Draw it'
remove\t'Leave it out'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l stacking -d 'How shapes share their edges: stacked (the lower runs on below the upper) or cutout' -r -f -a "stacked\t'In painter\'s order, the lower running on below the upper'
cutout\t'A mosaic'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l gradients -d 'Write smooth shading as gradients, or as bands of flat colour: auto or never' -r -f -a "auto\t'Where smooth shading is found'
never\t'Bands of flat colour'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l strokes -d 'Write regions of constant width as strokes: auto, never or always (for plotters and cutters)' -r -f -a "auto\t'Where they are shorter and no worse'
never\t'Outlines of them'
always\t'Wherever a region has about one width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l shapes -d 'Write circles, ellipses and rectangles as such: auto or paths' -r -f -a "auto\t'Where a contour is one'
paths\t'Never'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l group-by -d 'Put neighbouring shapes of one colour into a group: none or color' -r -f -a "none\t'No groups'
color\t'By paint'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l precision -d 'Decimals of a coordinate, 0 to 6 [default: as the engine resolves, 2 for contour, 0 for cells, 1 for vtracer]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l svg-size -d 'Size written on the <svg> element: none, px or full' -r -f -a "none\t'viewBox only'
px\t'Width and height in px'
full\t'Width and height 100%'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l max-file-size -d 'Refuse files larger than this, such as 64M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l max-pixels -d 'Refuse images with more pixels than this, such as 20M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l network-timeout -d 'Give up reading or writing one object of a store after this time, all tries together' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l engine-option -d 'Set a parameter of the engine (repeatable; names and ranges in --help)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l explain -d 'Show class, features, attempts and figures'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l sandbox -d 'Read the inputs, write the outputs, and let the process do nothing else (Linux)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l no-score -d 'Do not render and measure the result'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l ids -d 'Give each shape an id'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -s o -l output -d 'SVG to write; `-` is standard output [default: IN with .svg, or with .min.svg for an SVG]' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l target -d 'Quality to reach: the fewest bytes that do win' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l max-bytes -d 'Most bytes, such as 4k: the best quality that fits wins; exit with 4 when nothing fits' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l front -d 'Write every SVG that no other beats in quality, bytes and nodes; names sort by size' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l plot -d 'Draw quality against bytes of all trials, as an SVG' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l learn -d 'Measure the images of a folder once and write a preset for each class to OUT, for --presets' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l time-budget -d 'Time for the search; for each image of the folder with --learn' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l trials -d 'Most SVGs to try; one trace gives two to seven of them' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l seed -d 'Seed of the random part of the search' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l if-exists -d 'What to do when OUT exists: overwrite, skip or error' -r -f -a "overwrite\t'Replace it'
skip\t'Leave it alone'
error\t'Fail the item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l report -d 'Write the record, with every trial, as JSON (`-`: standard output)' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l fail-under -d 'Exit with 4 when the quality is below this' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -s j -l jobs -d 'Threads (0: all cores)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l keep -d 'What to keep though it is not drawn: titles, ids, metadata, comments, editor, units or none' -r -f -a "titles\t'<title> and <desc>'
ids\t'Ids as they are'
metadata\t'<metadata>: licence, author'
comments\t'Comments'
editor\t'What editors leave for themselves'
units\t'Coordinates in the drawing\'s own units'
none\t'Nothing that is not drawn'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l tolerance -d 'How far a contour may move, px at the viewing size' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l viewing-size -d 'Longer side at which the drawing is seen, px' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l max-difference -d 'Largest mean ΔE₀₀ between the drawing before and after' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l quality -d 'How much time an image is worth' -r -f -a "fast\t'One trace (usually some 50 ms; at most 2 s)'
balanced\t'A second trace where the first scores badly (at most 5 s)'
best\t'The best of several careful traces (at most 15 s)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l tier -d 'The same as a number: 1 fast, 2 balanced, 3 best' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l class -d 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]' -r -f -a "simple\t'Few flat colours, geometric'
text\t'Glyphs and fine high-contrast marks'
gradient\t'Smooth ramps'
complex\t'Illustration with many regions'
photo\t'Photographs'
pixel-art\t'Hard square cells'
line-art\t'Strokes of constant width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l engine -d 'Tracing engine [auto, contour, cells, vtracer]' -r -f -a "auto\t'Chosen by class'
contour\t'Our own: sub-pixel boundaries from the anti-aliasing'
cells\t'Our own, for pixel art: areas of exactly one colour along their cells'
vtracer\t'Colour clustering and splines (visioncortex)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l presets -d 'Start from the presets in this file, as written by `optimize --learn`' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l timeout -d 'Deadline of an image, such as 500ms or 10s [default: the tier\'s]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l paper -d 'Uneven light on photographed or scanned paper: take it out (auto) or trace it (keep)' -r -f -a "auto\t'As if all of it were lit alike'
keep\t'As it was seen'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l metrics -d 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]' -r -f -a "basic\t'All figures but SSIMULACRA2'
full\t'All figures'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l colors -d 'Use at most so many inks' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l palette -d 'Use only these inks, such as \'#ffffff,#d20a14\'' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l palette-file -d 'Use only the inks in this file, one #rrggbb a line; what follows a space is a comment' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l min-area -d 'Give regions smaller than this to their neighbours, px²' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l background -d 'Draw the ground that touches the rim: keep or remove' -r -f -a "keep\t'Draw it'
remove\t'Leave it out'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l stacking -d 'How shapes share their edges: stacked (the lower runs on below the upper) or cutout' -r -f -a "stacked\t'In painter\'s order, the lower running on below the upper'
cutout\t'A mosaic'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l gradients -d 'Write smooth shading as gradients, or as bands of flat colour: auto or never' -r -f -a "auto\t'Where smooth shading is found'
never\t'Bands of flat colour'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l strokes -d 'Write regions of constant width as strokes: auto, never or always (for plotters and cutters)' -r -f -a "auto\t'Where they are shorter and no worse'
never\t'Outlines of them'
always\t'Wherever a region has about one width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l shapes -d 'Write circles, ellipses and rectangles as such: auto or paths' -r -f -a "auto\t'Where a contour is one'
paths\t'Never'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l group-by -d 'Put neighbouring shapes of one colour into a group: none or color' -r -f -a "none\t'No groups'
color\t'By paint'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l precision -d 'Decimals of a coordinate, 0 to 6 [default: as the engine resolves, 2 for contour, 0 for cells, 1 for vtracer]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l svg-size -d 'Size written on the <svg> element: none, px or full' -r -f -a "none\t'viewBox only'
px\t'Width and height in px'
full\t'Width and height 100%'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l max-file-size -d 'Refuse files larger than this, such as 64M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l max-pixels -d 'Refuse images with more pixels than this, such as 20M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l network-timeout -d 'Give up reading or writing one object of a store after this time, all tries together' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l engine-option -d 'Set a parameter of the engine (repeatable; names and ranges in --help)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l explain -d 'Show class, features, every trial and figures'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l lossless -d 'Only changes after which every pixel is the same'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l strip-scripts -d 'Take scripts out; else a drawing with scripts is left as it is'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l no-score -d 'Do not render and measure the result'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l ids -d 'Give each shape an id'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand optimize" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -s o -l output -d 'Folder for the SVGs; the tree below each IN is kept' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l files-from -d 'Read more inputs from a file, one a line (`-`: standard input)' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l include -d 'Only files that match this glob (repeatable)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l exclude -d 'No files that match this glob (repeatable)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l base -d 'Keep the tree below this folder for files named one by one' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l svg -d 'What to do with SVGs: skip or shrink' -r -f -a "skip\t'Leave them alone'
shrink\t'Shrink them with proof'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l if-exists -d 'Outputs that exist: overwrite, skip or error' -r -f -a "overwrite\t'Replace it'
skip\t'Leave it alone'
error\t'Fail the item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l journal -d 'Where it is written down what is done [default: REPORT.journal; with --resume and no report .svg-ai.journal in DIR]' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l shard -d 'Do part K of N, as one of several machines' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l report -d 'Write the report (`-`: standard output)' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l report-format -d 'One json document at the end, or jsonl while items finish' -r -f -a "json\t'One JSON document at the end'
jsonl\t'One line per item, as items finish'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l html -d 'Write a gallery: one page that opens without network' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l metrics-file -d 'Write Prometheus metrics, for node exporter\'s textfile collector' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l fail-under -d 'Exit with 4 when the quality of any item is below this' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l fail-if -d 'Exit with 4 when this holds for any item, such as \'bytes_ratio>1\'' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -s j -l jobs -d 'Images at once (0: all cores)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l memory -d 'Memory for all images at work [default: 200 MB a job, at most half]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l oversized -d 'What to do with an image that would take more than that: alone (nothing beside it) or refuse' -r -f -a "alone\t'Do it while nothing else is done'
refuse\t'Fail it'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l deadline -d 'Start no image after this time, such as 30m, and exit with 1' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l keep -d 'What to keep though it is not drawn: titles, ids, metadata, comments, editor, units or none' -r -f -a "titles\t'<title> and <desc>'
ids\t'Ids as they are'
metadata\t'<metadata>: licence, author'
comments\t'Comments'
editor\t'What editors leave for themselves'
units\t'Coordinates in the drawing\'s own units'
none\t'Nothing that is not drawn'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l tolerance -d 'How far a contour may move, px at the viewing size' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l viewing-size -d 'Longer side at which the drawing is seen, px' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l max-difference -d 'Largest mean ΔE₀₀ between the drawing before and after' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l quality -d 'How much time an image is worth' -r -f -a "fast\t'One trace (usually some 50 ms; at most 2 s)'
balanced\t'A second trace where the first scores badly (at most 5 s)'
best\t'The best of several careful traces (at most 15 s)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l tier -d 'The same as a number: 1 fast, 2 balanced, 3 best' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l class -d 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]' -r -f -a "simple\t'Few flat colours, geometric'
text\t'Glyphs and fine high-contrast marks'
gradient\t'Smooth ramps'
complex\t'Illustration with many regions'
photo\t'Photographs'
pixel-art\t'Hard square cells'
line-art\t'Strokes of constant width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l engine -d 'Tracing engine [auto, contour, cells, vtracer]' -r -f -a "auto\t'Chosen by class'
contour\t'Our own: sub-pixel boundaries from the anti-aliasing'
cells\t'Our own, for pixel art: areas of exactly one colour along their cells'
vtracer\t'Colour clustering and splines (visioncortex)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l presets -d 'Start from the presets in this file, as written by `optimize --learn`' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l timeout -d 'Deadline of an image, such as 500ms or 10s [default: the tier\'s]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l paper -d 'Uneven light on photographed or scanned paper: take it out (auto) or trace it (keep)' -r -f -a "auto\t'As if all of it were lit alike'
keep\t'As it was seen'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l metrics -d 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]' -r -f -a "basic\t'All figures but SSIMULACRA2'
full\t'All figures'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l colors -d 'Use at most so many inks' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l palette -d 'Use only these inks, such as \'#ffffff,#d20a14\'' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l palette-file -d 'Use only the inks in this file, one #rrggbb a line; what follows a space is a comment' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l min-area -d 'Give regions smaller than this to their neighbours, px²' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l background -d 'Draw the ground that touches the rim: keep or remove' -r -f -a "keep\t'Draw it'
remove\t'Leave it out'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l stacking -d 'How shapes share their edges: stacked (the lower runs on below the upper) or cutout' -r -f -a "stacked\t'In painter\'s order, the lower running on below the upper'
cutout\t'A mosaic'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l gradients -d 'Write smooth shading as gradients, or as bands of flat colour: auto or never' -r -f -a "auto\t'Where smooth shading is found'
never\t'Bands of flat colour'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l strokes -d 'Write regions of constant width as strokes: auto, never or always (for plotters and cutters)' -r -f -a "auto\t'Where they are shorter and no worse'
never\t'Outlines of them'
always\t'Wherever a region has about one width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l shapes -d 'Write circles, ellipses and rectangles as such: auto or paths' -r -f -a "auto\t'Where a contour is one'
paths\t'Never'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l group-by -d 'Put neighbouring shapes of one colour into a group: none or color' -r -f -a "none\t'No groups'
color\t'By paint'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l precision -d 'Decimals of a coordinate, 0 to 6 [default: as the engine resolves, 2 for contour, 0 for cells, 1 for vtracer]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l svg-size -d 'Size written on the <svg> element: none, px or full' -r -f -a "none\t'viewBox only'
px\t'Width and height in px'
full\t'Width and height 100%'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l max-file-size -d 'Refuse files larger than this, such as 64M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l max-pixels -d 'Refuse images with more pixels than this, such as 20M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l network-timeout -d 'Give up reading or writing one object of a store after this time, all tries together' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l engine-option -d 'Set a parameter of the engine (repeatable; names and ranges in --help)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -s 0 -l null -d 'The list is separated by NUL bytes'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l no-recursive -d 'Stay out of folders in folders'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l keep-extension -d 'Write a.png.svg instead of a.svg'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l resume -d 'Do only what is new, changed, missing or failed since an earlier run'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l force -d 'With --resume: do everything again all the same'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l prune -d 'Delete outputs whose image is gone, after showing them'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l yes -d 'Do not ask before --prune deletes'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l watch -d 'Go on and convert what changes, until stopped; implies --resume'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l merge -d 'Join the reports of all shards, given as IN, to one --report'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l dry-run -d 'Show what would be done: decode and classify, write nothing'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l sandbox -d 'Read the inputs, write the outputs, and let the process do nothing else (Linux)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l lossless -d 'Only changes after which every pixel is the same'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l strip-scripts -d 'Take scripts out; else a drawing with scripts is left as it is'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l no-score -d 'Do not render and measure the result'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l ids -d 'Give each shape an id'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l diff -d 'Write a picture of the difference (for folders: a folder)' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l metrics -d 'Figures to measure: basic or full (with SSIMULACRA2)' -r -f -a "basic\t'All figures but SSIMULACRA2'
full\t'All figures'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l format -d 'text or json' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l fail-under -d 'Exit with 4 when the quality is below this' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -s j -l jobs -d 'Threads (0: all cores)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l max-file-size -d 'Refuse files larger than this, such as 64M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l max-pixels -d 'Refuse images with more pixels than this, such as 20M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l network-timeout -d 'Give up reading or writing one object of a store after this time, all tries together' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand score" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l samples -d 'Images of each class in the built-in set' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l side -d 'Longer side of the built-in images, px' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l repeat -d 'Runs over the set; times are the median' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -s j -l jobs -d 'Numbers of images at once to measure throughput for (0: all cores)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l compare -d 'Run another tool on the same files and score it the same way (repeatable)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l save -d 'Write the figures as JSON, to be a baseline later' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l baseline -d 'Exit with 4 when a figure is worse than in this file' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l max-regression -d 'How much worse a figure may be, such as 5%' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l max-slowdown -d 'How much slower it may be, when not the same, such as 50%' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l format -d 'text or json' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l quality -d 'How much time an image is worth' -r -f -a "fast\t'One trace (usually some 50 ms; at most 2 s)'
balanced\t'A second trace where the first scores badly (at most 5 s)'
best\t'The best of several careful traces (at most 15 s)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l tier -d 'The same as a number: 1 fast, 2 balanced, 3 best' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l class -d 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]' -r -f -a "simple\t'Few flat colours, geometric'
text\t'Glyphs and fine high-contrast marks'
gradient\t'Smooth ramps'
complex\t'Illustration with many regions'
photo\t'Photographs'
pixel-art\t'Hard square cells'
line-art\t'Strokes of constant width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l engine -d 'Tracing engine [auto, contour, cells, vtracer]' -r -f -a "auto\t'Chosen by class'
contour\t'Our own: sub-pixel boundaries from the anti-aliasing'
cells\t'Our own, for pixel art: areas of exactly one colour along their cells'
vtracer\t'Colour clustering and splines (visioncortex)'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l presets -d 'Start from the presets in this file, as written by `optimize --learn`' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l timeout -d 'Deadline of an image, such as 500ms or 10s [default: the tier\'s]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l paper -d 'Uneven light on photographed or scanned paper: take it out (auto) or trace it (keep)' -r -f -a "auto\t'As if all of it were lit alike'
keep\t'As it was seen'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l metrics -d 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]' -r -f -a "basic\t'All figures but SSIMULACRA2'
full\t'All figures'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l colors -d 'Use at most so many inks' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l palette -d 'Use only these inks, such as \'#ffffff,#d20a14\'' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l palette-file -d 'Use only the inks in this file, one #rrggbb a line; what follows a space is a comment' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l min-area -d 'Give regions smaller than this to their neighbours, px²' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l background -d 'Draw the ground that touches the rim: keep or remove' -r -f -a "keep\t'Draw it'
remove\t'Leave it out'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l stacking -d 'How shapes share their edges: stacked (the lower runs on below the upper) or cutout' -r -f -a "stacked\t'In painter\'s order, the lower running on below the upper'
cutout\t'A mosaic'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l gradients -d 'Write smooth shading as gradients, or as bands of flat colour: auto or never' -r -f -a "auto\t'Where smooth shading is found'
never\t'Bands of flat colour'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l strokes -d 'Write regions of constant width as strokes: auto, never or always (for plotters and cutters)' -r -f -a "auto\t'Where they are shorter and no worse'
never\t'Outlines of them'
always\t'Wherever a region has about one width'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l shapes -d 'Write circles, ellipses and rectangles as such: auto or paths' -r -f -a "auto\t'Where a contour is one'
paths\t'Never'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l group-by -d 'Put neighbouring shapes of one colour into a group: none or color' -r -f -a "none\t'No groups'
color\t'By paint'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l precision -d 'Decimals of a coordinate, 0 to 6 [default: as the engine resolves, 2 for contour, 0 for cells, 1 for vtracer]' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l svg-size -d 'Size written on the <svg> element: none, px or full' -r -f -a "none\t'viewBox only'
px\t'Width and height in px'
full\t'Width and height 100%'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l max-file-size -d 'Refuse files larger than this, such as 64M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l max-pixels -d 'Refuse images with more pixels than this, such as 20M' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l network-timeout -d 'Give up reading or writing one object of a store after this time, all tries together' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l engine-option -d 'Set a parameter of the engine (repeatable; names and ranges in --help)' -r
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l no-score -d 'Do not render and measure the result'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l ids -d 'Give each shape an id'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -l log-format -d 'Lines of the log: text, or json, one object a line with everything that is not data' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -l log -d 'What is logged: off, error, warn, info or debug [default: off, info with -v or json, debug with -vv]' -r -f -a "off\t'Nothing'
error\t'What failed'
warn\t'What to know besides'
info\t'Each item'
debug\t'Each stage of each item'"
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -l config -d 'Read options from this file instead of the nearest svg-ai.toml' -r -F
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -s q -l quiet -d 'Print nothing but data and errors'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -s v -l verbose -d 'Explain more (-vv: every attempt)'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -l print-config -d 'Show every option with its value and where the value came from, and stop'
complete -c svg-ai -n "__fish_svg_ai_using_subcommand generate" -s h -l help -d 'Print help (see more with \'--help\')'
