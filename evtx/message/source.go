package message

import "github.com/gpevtx/gpevtx/evtx"

// Source knows the templates of events. A source that a [Renderer] is to use from several
// goroutines must be safe for concurrent use.
type Source interface {
	// Template returns the template for the event that sys describes. Most sources look at
	// the provider, the event id and the version; the upper half of a classic message's id is
	// sys.Qualifiers, and a source that knows the text of single records has sys.RecordID.
	// Template reports false where the source knows none, and must not keep or change sys.
	Template(sys *evtx.System) (*Template, bool)
}

// SourceFunc makes a function a Source.
type SourceFunc func(sys *evtx.System) (*Template, bool)

// Template calls f.
func (f SourceFunc) Template(sys *evtx.System) (*Template, bool) { return f(sys) }
