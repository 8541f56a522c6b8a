package evtx

// Escape is where a text goes.
type Escape = escape

// The surroundings of a text.
const (
	EscapeNone = escapeNone
	EscapeXML  = escapeXML
	EscapeAttr = escapeAttr
	EscapeJSON = escapeJSON
	EscapePI   = escapePI
)

// AppendUTF16 appends UTF-16LE as UTF-8, escaped.
func AppendUTF16(dst, b []byte, esc Escape) []byte { return appendUTF16(dst, b, esc) }

// AppendString appends UTF-8, escaped.
func AppendString(dst []byte, s string, esc Escape) []byte { return appendString(dst, s, esc) }

// ValueOf returns the value that is stored as raw.
func ValueOf(t Type, raw []byte) Value { return Value{Type: t, raw: raw} }

// AppendText appends a value as text, escaped.
func AppendText(dst []byte, v Value, esc Escape) []byte { return v.appendText(dst, esc) }

// AppendJSON appends a value as JSON.
func AppendJSON(dst []byte, v Value) []byte { return v.appendJSON(dst) }
