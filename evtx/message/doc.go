// Package message puts events into words.
//
// A log holds the data of its events, not their texts: those are templates in programs of the
// computer that wrote it, of which Event Viewer fetches them. Away from that computer a text
// comes from one of these places, of which [Renderer.Render] takes the first that has one:
//
//   - the event itself, when it was forwarded with its text: the true one, in the language of
//     the computer ([ReadRendering] has the names of level, task and keywords too);
//   - a [Source] that the caller adds: a [Catalogue] of templates, the [MTA] file beside an
//     archived log, or any type with one method;
//   - the catalogue that is built in, of the events that gpevtx judges, in words of our own;
//   - else the text lists the event's data and says that it is no more than that.
//
// [Text.Origin] tells which it was:
//
//	var r message.Renderer // the zero value is ready
//	for ev, err := range log.Events(ctx, nil) {
//		…
//		text, err := r.Render(ev)
//		fmt.Println(text.Message, text.Origin)
//	}
//
// # Templates
//
// A [Template] is written as Windows writes them, in the notation of FormatMessage: %1 is the
// first datum of the event. Data of manifests have names, which may be used instead:
//
//	The %1 service did not start: %2.
//	%{TargetUserName} logged on. Type: %{LogonType}!logontype!.
//
// Positions count the data as [evtx.Event.Data] has them, empty ones included, but for the
// Binary at the end. A reference to a datum that the event does not have is printed as it
// stands. See [Parse] for the whole notation and [ReadCatalogue] for a file of templates.
//
// # Parameters
//
// A datum such as %%1069 refers to another text. Which one, depends on the provider: each names
// a table of its own. Those of the Service Control Manager and of Net Logon go into the messages
// of the system and are resolved by package winerr; those of the Security log go into the audit
// messages, of which package winerr and the file auditwords.txt know many. A number that is not
// known, and every number of any other provider, stays as it is. Nothing is resolved in a text
// that an event carries or an MTA file has: it was finished by Windows.
//
// The words are those for the reader; the data that programs compare stay as they are stored.
//
// # Limits
//
// What is printed of an event is bounded by [Renderer.MaxSize], however often a template repeats
// a value. Values are printed as they are, with line breaks and control characters: a [Text] is
// not safe to print on a terminal or into a table before it is made inert.
package message
