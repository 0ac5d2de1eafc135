
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'svg-ai' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'svg-ai'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'svg-ai' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Convert one image')
            [CompletionResult]::new('optimize', 'optimize', [CompletionResultType]::ParameterValue, 'Search for the best trace of one image, or shrink an SVG with proof')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Convert files and folders, in parallel')
            [CompletionResult]::new('score', 'score', [CompletionResultType]::ParameterValue, 'Measure how close an SVG is to an image')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Measure quality, size and speed over a set of images, and gate on them')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Print a man page, a completion script, the report schema or the list of error codes')
            break
        }
        'svg-ai;convert' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'SVG to write; `-` is standard output [default: IN with .svg]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'SVG to write; `-` is standard output [default: IN with .svg]')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'What to do when OUT exists: overwrite, skip or error')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the record as JSON (`-`: standard output)')
            [CompletionResult]::new('--deps', '--deps', [CompletionResultType]::ParameterName, 'Write a makefile rule with the inputs of OUT')
            [CompletionResult]::new('--fail-under', '--fail-under', [CompletionResultType]::ParameterName, 'Exit with 4 when the quality is below this')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads (0: all cores)')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads (0: all cores)')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'How much time an image is worth')
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'The same as a number: 1 fast, 2 balanced, 3 best')
            [CompletionResult]::new('--class', '--class', [CompletionResultType]::ParameterName, 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Tracing engine [auto, vtracer]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Deadline of an image, such as 500ms or 10s [default: the tier''s]')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]')
            [CompletionResult]::new('--precision', '--precision', [CompletionResultType]::ParameterName, 'Decimals of a coordinate, 0 to 6')
            [CompletionResult]::new('--svg-size', '--svg-size', [CompletionResultType]::ParameterName, 'Size written on the <svg> element: none, px or full')
            [CompletionResult]::new('--max-file-size', '--max-file-size', [CompletionResultType]::ParameterName, 'Refuse files larger than this, such as 64M')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse images with more pixels than this, such as 20M')
            [CompletionResult]::new('--engine-option', '--engine-option', [CompletionResultType]::ParameterName, 'Set a parameter of the engine (repeatable; names and ranges in --help)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Show class, features, attempts and figures')
            [CompletionResult]::new('--no-score', '--no-score', [CompletionResultType]::ParameterName, 'Do not render and measure the result')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'svg-ai;optimize' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'SVG to write; `-` is standard output [default: IN with .svg, or with .min.svg for an SVG]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'SVG to write; `-` is standard output [default: IN with .svg, or with .min.svg for an SVG]')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Quality to reach; then the fewest bytes win [default: as high as it gets]')
            [CompletionResult]::new('--time-budget', '--time-budget', [CompletionResultType]::ParameterName, 'Time for the search')
            [CompletionResult]::new('--trials', '--trials', [CompletionResultType]::ParameterName, 'Most traces to try')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of the random part of the search')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'What to do when OUT exists: overwrite, skip or error')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the record, with every trial, as JSON (`-`: standard output)')
            [CompletionResult]::new('--fail-under', '--fail-under', [CompletionResultType]::ParameterName, 'Exit with 4 when the quality is below this')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads (0: all cores)')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads (0: all cores)')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'What to keep though it is not drawn: titles, ids, metadata, comments, editor, units or none')
            [CompletionResult]::new('--tolerance', '--tolerance', [CompletionResultType]::ParameterName, 'How far a contour may move, px at the viewing size')
            [CompletionResult]::new('--viewing-size', '--viewing-size', [CompletionResultType]::ParameterName, 'Longer side at which the drawing is seen, px')
            [CompletionResult]::new('--max-difference', '--max-difference', [CompletionResultType]::ParameterName, 'Largest mean ΔE₀₀ between the drawing before and after')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'How much time an image is worth')
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'The same as a number: 1 fast, 2 balanced, 3 best')
            [CompletionResult]::new('--class', '--class', [CompletionResultType]::ParameterName, 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Tracing engine [auto, vtracer]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Deadline of an image, such as 500ms or 10s [default: the tier''s]')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]')
            [CompletionResult]::new('--precision', '--precision', [CompletionResultType]::ParameterName, 'Decimals of a coordinate, 0 to 6')
            [CompletionResult]::new('--svg-size', '--svg-size', [CompletionResultType]::ParameterName, 'Size written on the <svg> element: none, px or full')
            [CompletionResult]::new('--max-file-size', '--max-file-size', [CompletionResultType]::ParameterName, 'Refuse files larger than this, such as 64M')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse images with more pixels than this, such as 20M')
            [CompletionResult]::new('--engine-option', '--engine-option', [CompletionResultType]::ParameterName, 'Set a parameter of the engine (repeatable; names and ranges in --help)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Show class, features, every trial and figures')
            [CompletionResult]::new('--lossless', '--lossless', [CompletionResultType]::ParameterName, 'Only changes after which every pixel is the same')
            [CompletionResult]::new('--strip-scripts', '--strip-scripts', [CompletionResultType]::ParameterName, 'Take scripts out; else a drawing with scripts is left as it is')
            [CompletionResult]::new('--no-score', '--no-score', [CompletionResultType]::ParameterName, 'Do not render and measure the result')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'svg-ai;batch' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Folder for the SVGs; the tree below each IN is kept')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Folder for the SVGs; the tree below each IN is kept')
            [CompletionResult]::new('--files-from', '--files-from', [CompletionResultType]::ParameterName, 'Read more inputs from a file, one a line (`-`: standard input)')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Only files that match this glob (repeatable)')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'No files that match this glob (repeatable)')
            [CompletionResult]::new('--svg', '--svg', [CompletionResultType]::ParameterName, 'What to do with SVGs: skip or shrink')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'What to do with outputs that exist: overwrite, skip or error')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the report (`-`: standard output)')
            [CompletionResult]::new('--report-format', '--report-format', [CompletionResultType]::ParameterName, 'Report as one json document, or as jsonl while items finish')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write a gallery: one page that opens without network')
            [CompletionResult]::new('--fail-under', '--fail-under', [CompletionResultType]::ParameterName, 'Exit with 4 when the quality of any item is below this')
            [CompletionResult]::new('--fail-if', '--fail-if', [CompletionResultType]::ParameterName, 'Exit with 4 when this holds for any item, such as ''bytes_ratio>1'' (repeatable)')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Images at once (0: all cores)')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Images at once (0: all cores)')
            [CompletionResult]::new('--pixels-in-flight', '--pixels-in-flight', [CompletionResultType]::ParameterName, 'Most pixels at once; a larger image runs alone')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'What to keep though it is not drawn: titles, ids, metadata, comments, editor, units or none')
            [CompletionResult]::new('--tolerance', '--tolerance', [CompletionResultType]::ParameterName, 'How far a contour may move, px at the viewing size')
            [CompletionResult]::new('--viewing-size', '--viewing-size', [CompletionResultType]::ParameterName, 'Longer side at which the drawing is seen, px')
            [CompletionResult]::new('--max-difference', '--max-difference', [CompletionResultType]::ParameterName, 'Largest mean ΔE₀₀ between the drawing before and after')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'How much time an image is worth')
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'The same as a number: 1 fast, 2 balanced, 3 best')
            [CompletionResult]::new('--class', '--class', [CompletionResultType]::ParameterName, 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Tracing engine [auto, vtracer]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Deadline of an image, such as 500ms or 10s [default: the tier''s]')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]')
            [CompletionResult]::new('--precision', '--precision', [CompletionResultType]::ParameterName, 'Decimals of a coordinate, 0 to 6')
            [CompletionResult]::new('--svg-size', '--svg-size', [CompletionResultType]::ParameterName, 'Size written on the <svg> element: none, px or full')
            [CompletionResult]::new('--max-file-size', '--max-file-size', [CompletionResultType]::ParameterName, 'Refuse files larger than this, such as 64M')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse images with more pixels than this, such as 20M')
            [CompletionResult]::new('--engine-option', '--engine-option', [CompletionResultType]::ParameterName, 'Set a parameter of the engine (repeatable; names and ranges in --help)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'The list is separated by NUL bytes')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'The list is separated by NUL bytes')
            [CompletionResult]::new('--no-recursive', '--no-recursive', [CompletionResultType]::ParameterName, 'Stay out of folders in folders')
            [CompletionResult]::new('--keep-extension', '--keep-extension', [CompletionResultType]::ParameterName, 'Write a.png.svg instead of a.svg')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done: decode and classify, write nothing')
            [CompletionResult]::new('--lossless', '--lossless', [CompletionResultType]::ParameterName, 'Only changes after which every pixel is the same')
            [CompletionResult]::new('--strip-scripts', '--strip-scripts', [CompletionResultType]::ParameterName, 'Take scripts out; else a drawing with scripts is left as it is')
            [CompletionResult]::new('--no-score', '--no-score', [CompletionResultType]::ParameterName, 'Do not render and measure the result')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'svg-ai;score' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Write a picture of the difference (for folders: a folder)')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Figures to measure: basic or full (with SSIMULACRA2)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'text or json')
            [CompletionResult]::new('--fail-under', '--fail-under', [CompletionResultType]::ParameterName, 'Exit with 4 when the quality is below this')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads (0: all cores)')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads (0: all cores)')
            [CompletionResult]::new('--max-file-size', '--max-file-size', [CompletionResultType]::ParameterName, 'Refuse files larger than this, such as 64M')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse images with more pixels than this, such as 20M')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'svg-ai;bench' {
            [CompletionResult]::new('--samples', '--samples', [CompletionResultType]::ParameterName, 'Images of each class in the built-in set')
            [CompletionResult]::new('--side', '--side', [CompletionResultType]::ParameterName, 'Longer side of the built-in images, px')
            [CompletionResult]::new('--repeat', '--repeat', [CompletionResultType]::ParameterName, 'Runs over the set; times are the median')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Numbers of images at once to measure throughput for (0: all cores)')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Numbers of images at once to measure throughput for (0: all cores)')
            [CompletionResult]::new('--compare', '--compare', [CompletionResultType]::ParameterName, 'Run another tool on the same files and score it the same way (repeatable)')
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'Write the figures as JSON, to be a baseline later')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Exit with 4 when a figure is worse than in this file')
            [CompletionResult]::new('--max-regression', '--max-regression', [CompletionResultType]::ParameterName, 'How much worse a figure may be, such as 5%')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'text or json')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'How much time an image is worth')
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'The same as a number: 1 fast, 2 balanced, 3 best')
            [CompletionResult]::new('--class', '--class', [CompletionResultType]::ParameterName, 'Trust this class instead of the classifier [simple, text, gradient, complex, photo, pixel-art, line-art]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Tracing engine [auto, vtracer]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Deadline of an image, such as 500ms or 10s [default: the tier''s]')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Figures to measure: basic or full (with SSIMULACRA2) [default: by tier]')
            [CompletionResult]::new('--precision', '--precision', [CompletionResultType]::ParameterName, 'Decimals of a coordinate, 0 to 6')
            [CompletionResult]::new('--svg-size', '--svg-size', [CompletionResultType]::ParameterName, 'Size written on the <svg> element: none, px or full')
            [CompletionResult]::new('--max-file-size', '--max-file-size', [CompletionResultType]::ParameterName, 'Refuse files larger than this, such as 64M')
            [CompletionResult]::new('--max-pixels', '--max-pixels', [CompletionResultType]::ParameterName, 'Refuse images with more pixels than this, such as 20M')
            [CompletionResult]::new('--engine-option', '--engine-option', [CompletionResultType]::ParameterName, 'Set a parameter of the engine (repeatable; names and ranges in --help)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('--no-score', '--no-score', [CompletionResultType]::ParameterName, 'Do not render and measure the result')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'svg-ai;generate' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from this file instead of the nearest svg-ai.toml')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing but data and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Explain more (-vv: every attempt)')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Show every option with its value and where the value came from, and stop')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
