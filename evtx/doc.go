// Package evtx reads Windows event logs (.evtx) without Windows.
//
// # What a log is
//
// A log is a header of 4 KiB and chunks of 64 KiB, each with its own checksums. A chunk
// holds records one behind the other. A record is an XML document in a binary form,
// BinXML: mostly a reference to a template, which stands in the chunk once, and the values
// for the template's holes. Templates are compiled when they are first met; all that this
// package does with a record, be it select, print or read, works on the compiled template
// and the bytes of the values. The printing of a record is written down as a program for
// all records of the template whose values have the same types.
//
// Nothing in the file tells one kind of log from another. A log that a collector wrote,
// ForwardedEvents.evtx, mixes channels, providers and computers.
//
// # Reading
//
// [NewReader] takes an [io.ReaderAt] and its size, so that a file, a member of an archive
// and bytes in memory are all the same:
//
//	f, err := os.Open("System.evtx")
//	…
//	st, err := f.Stat()
//	…
//	r, err := evtx.NewReader(f, st.Size(), evtx.Config{Source: "System.evtx"})
//	…
//	for ev, err := range r.Events(ctx, nil) {
//		if err != nil {
//			log.Print(err) // damage; reading goes on
//			continue
//		}
//		fmt.Println(ev.Time, ev.Provider, ev.EventID)
//	}
//
// Events come in the order in which they were logged. That is not the order of the file
// when the log is full and has begun again at its first chunk.
//
// An [Event] has the fields of its System section, which [System] lists, and the place
// where it was read. The rest is read when it is asked for: [Event.Data] gives the event's
// data, typed and in order. An event is valid until the next step of the loop;
// [Event.Clone] makes it last.
//
// EventRecordID, which Event Viewer shows, is [System.RecordID]. The number in the header
// of the record, [Event.HeaderRecordID], is another one in logs that were exported.
//
// # Selecting
//
// A [Selector] says which events are wanted: by channel, provider, id, level, computer,
// record number, time and data. [Compile] makes a [Filter] of several selectors. One look at a record's
// System section then tells which of them it satisfies, and a record that satisfies none is
// skipped without allocating anything and without decoding the rest: several times faster
// than printing it. [Event.Matched] tells which selectors chose an event.
//
// # XML and JSON
//
// [Event.AppendXML] gives the XML that Event Viewer shows. [Event.AppendJSON] gives the
// shape that the program evtx_dump of the Rust crate evtx made common, with nothing lost
// where names repeat.
//
// Values print as Windows prints them, by the type in the record, whatever the template
// expected: GUIDs in braces and upper case, hexadecimal numbers and pointers without leading
// zeros, times in UTC with the seven digits that a FILETIME has (three of a SYSTEMTIME),
// binary data in hexadecimal digits, which also show what is too short for its type. Reals
// have as many decimal digits as tell them from their neighbours, and an exponent below 1e-6
// and from 1e21 on. Strings are kept as they are stored, but for terminating NULs at the end
// and characters that cannot be represented, which become U+FFFD. The element of an array
// repeats for each item, empty ones included; one that depends on a null is left out.
// Parameters of messages, such as %%1069, are not replaced: the texts are not in the log.
//
// [Value.Uint], [Value.Time] and [Value.SID] read a value as what it is without its text, and
// [Event.Strings] gives the parameters of an event's message.
//
// # Damage and coverage
//
// Logs that matter are often damaged: copied while the service was writing, cut off,
// recovered from a shadow copy. Only a file that does not look like a log is refused.
// Everything else is stepped over: an iteration yields an [*Error] that says where the
// damage is, what was expected and what was found, and goes on with the next record or
// chunk. Every byte of a file is in a record, told of in an error, or free space.
//
// That an event is not there means little unless the log covers the time in question.
// [Reader.Coverage] tells what the last iteration found: from when to when there are
// records, for each channel and computer; which record numbers are missing in between; how
// many records were lost; whether the log had wrapped around or was open when it was copied.
//
// # Recovery
//
// A record in a chunk whose checksums are right is as Windows wrote it. What can be read
// besides is recovered, and [Event.Recovery] says so. By default these are the records of
// damaged chunks: whose checksum is wrong, whose header is gone or that are cut off, and of
// files without a header. A record whose own bounds are damaged is read if two of three
// things still tell where it ends: the size in front, the size behind, the record that
// follows. A template whose definition is damaged is taken from another chunk of the same log
// with the same GUID. A name that its hash does not confirm is not believed.
//
// With [Config.Recover] set to [RecoverAll], what is left in free space is read too: behind
// the records of a chunk stand those that it held before the log was cleared or went round.
// They come after the records of their chunk, are only given when all of them can be read,
// and count in [Coverage.Recovered] and in no [Stream]. [RecoverAll] takes any file, such as
// the image of a disk, and finds the chunks in it. [RecoverNone] gives only what checksums
// vouch for.
//
// # Limits
//
// Every byte of a log may be hostile. No allocation follows from a number in the file
// alone; templates that refer to themselves, or print megabytes from a record of some
// bytes, run into the limits of [Config], whose zero value has sensible ones. Memory does
// not depend on the size of the log, but for some fifty bytes a chunk: two chunks are in memory
// at a time, of 64 KiB each, and with [Map] two more for each of its goroutines with what was
// made of their events, besides the templates and whatever the caller keeps. Those who read
// many logs give all readers one [TemplateCache].
//
// # Concurrency
//
// [Map] spreads the work on one log over several processors and gives what Events gives, in the
// same order:
//
//	lines := evtx.Map(ctx, r, nil, 0, func(ev *evtx.Event) line {
//		text, err := ev.AppendJSON(nil) // for events of several chunks at the same time
//		return line{text, err}
//	})
//	for line, err := range lines {
//		…
//	}
//
// A [Reader] and a [Filter] may be used by several goroutines: each call of
// [Reader.Events] or Map iterates on its own. An Event may not; different clones may.
package evtx
