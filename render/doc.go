// Package render prints the result of an analysis. It reads an
// [analyzer.Result] and nothing else: it parses nothing, opens no file and
// looks at no clock, so equal results give equal bytes. Its functions do not change
// what they print and may be called at the same time.
//
// [JSON] writes the whole result for programs. [Text] writes it for a person at
// a terminal: for every computer what is wrong, what proves it, since when, how
// sure that is, what to change and what would make it surer; then what was
// checked and read, and which times the logs cover. A run that finds nothing
// says so, and says what that does and does not mean.
//
// [TimelineText], [TimelineCSV] and [TimelineJSONL] write what happened on the computers in
// order of time, the findings among it.
//
// [PolicyText], [PolicyJSON] and [PolicyCSV] write what reports of package gpreport say,
// [PolicyDiffText], [PolicyDiffJSON] and [PolicyDiffCSV] what differs between two of them.
//
// # Text from inputs is hostile
//
// Names, excerpts and paths come from files that somebody sent. In text output
// every control character, every character that has no shape of its own (bidi
// controls, zero-width characters, unusual spaces, variation selectors), every
// private or unassigned character and every byte that is not UTF-8 is shown as
// an escape: \x1b for the controls of ASCII and for stray bytes, <U+202E> for
// the rest. Nothing that an input holds can therefore move the cursor, change
// colours, reorder a line or hide. Long text is cut with … and its length noted.
//
// CSV has the same escapes, in full length, and no cell that a spreadsheet would take for a
// formula.
//
// In JSON output nothing is cut; what a terminal could act on is written as a
// \u escape, which is the same string to every JSON parser.
//
// # Steps and commands
//
// A remedy step that ends in a command has it printed on a line of its own that is
// never wrapped, so that it can be copied. A command is what stands in backquotes at the
// end of the step, as in "Apply the policy: `gpupdate /force`", and nothing else: a name
// from an input must not end up there. Backquotes elsewhere in a step stay as they are.
package render
