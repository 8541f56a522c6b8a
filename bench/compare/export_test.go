package main

import (
	"testing"

	"github.com/gpevtx/gpevtx/internal/compare"
)

// TestExportOfFixture compares with stored output of evtxexport. It stops at the forwarded
// event, which has no template, and does not print an element behind a text, which no log of
// the corpus has.
func TestExportOfFixture(t *testing.T) {
	printed := stored(t, "evtxexport.xml", func(path string) []byte {
		out, _, err := runExport(t.Context(), peer(t, "EVTXEXPORT", "evtxexport"), path)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
	d := newExportDiffer()
	if err := d.log(t.Context(), "System.evtx", logOf(t, description), printed, true); err != nil {
		t.Fatal(err)
	}
	counts(t, &d.tally, map[string]int{
		"time digits": 7, "hex padding": 5, "size_t": 1, "negative number": 1, "line ends": 1, "file: stops early": 1,
		"unknown: Event/UserData/X": 1,
	})
}

// TestDifferentialEvtxexport compares each record of the corpus with evtxexport where it is
// installed.
func TestDifferentialEvtxexport(t *testing.T) {
	if testing.Short() {
		t.Skip("evtxexport takes some seconds")
	}
	o := corpus(t)
	o.evtxexport = peer(t, "EVTXEXPORT", "evtxexport")
	d := newExportDiffer()
	if err := o.compareExport(t.Context(), d, o.evtxexport); err != nil {
		t.Fatal(err)
	}
	strict(t, &d.tally, o.every == 1)
}

// TestExportClasses compares single elements.
func TestExportClasses(t *testing.T) {
	for _, tt := range []struct {
		name         string
		ours, theirs string
		want         string // the class; empty for none
	}{
		{"equal", `<E a="1"><D>x</D></E>`, "<E a=\"1\">\n  <D>x</D>\n</E>", ""},
		{"another text", `<E>x</E>`, `<E>y</E>`, "unknown: E"},
		{"another attribute", `<E a="1"/>`, `<E a="2"/>`, "unknown: E/@a"},
		{"another name of an attribute", `<E a="1"/>`, `<E b="1"/>`, "unknown: E"},
		{"an element more", `<E><D/></E>`, `<E/>`, "unknown: E"},
		{"leading zeros", `<E>0x1f</E>`, `<E>0x0000001f</E>`, "hex padding"},
		{"nine digits", `<E>2026-11-20T03:12:07.1234567Z</E>`, `<E>2026-11-20T03:12:07.123456700Z</E>`, "time digits"},
		{"another time", `<E>2026-11-20T03:12:07.1234567Z</E>`, `<E>2026-11-20T03:12:07.123456800Z</E>`, "unknown: E"},
		{"a lone surrogate", "<E>a\uFFFDbc</E>", "<E>a\uFFFDc</E>", "lone surrogate"},
		{"white space", `<E> </E>`, `<E/>`, "only white space"},
		{"line ends", `<E>a&#13;&#10;b</E>`, "<E>a\nb</E>", "line ends"},
		{"size_t", `<E>0x10</E>`, `<E>16</E>`, "size_t"},
		{"another size_t", `<E>0x10</E>`, `<E>17</E>`, "unknown: E"},
		{"a negative number", `<E>-2147188641</E>`, `<E>-295007</E>`, "negative number"},
		{"markup", `<E>&lt;a/&gt;</E>`, `<E><a/></E>`, "markup in a text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, err := compare.ParseXML(tt.ours)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := compare.ParseXML(tt.theirs)
			if err != nil {
				t.Fatal(err)
			}
			d := newExportDiffer()
			d.element("E", ours, theirs)
			want := map[string]int{}
			if tt.want != "" {
				want[tt.want] = 1
			}
			counts(t, &d.tally, want)
		})
	}
}

// TestExportRecords compares the numbers of records.
func TestExportRecords(t *testing.T) {
	log := logOf(t, "channel: System\ncomputer: A\nstart: 2026-11-10T05:00:00Z\nevents: [{provider: ADSync, id: 1}, {provider: ADSync, id: 2}]\n")
	const other = "\n<Event xmlns=\"x\">\n<System><EventRecordID>99</EventRecordID></System>\n</Event>\n"
	for _, tt := range []struct {
		name, printed string
		fails         bool
		want          map[string]int
	}{
		{"it gives up", "evtxexport 20181227\n", true, map[string]int{"file: stops early": 1}},
		{"it has none", "evtxexport 20181227\n", false, map[string]int{"unknown: records missing": 1}},
		{"it has another", other, true, map[string]int{"file: stops early": 1}},
		{"we lack one", other, false, map[string]int{"unknown: records missing": 1, "unknown: record that we lack": 1}},
		{"two are no XML", "\n<Event a>\n</Event>\n\n<Event a>\n</Event>\n", false, map[string]int{"event: not XML": 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newExportDiffer()
			if err := d.log(t.Context(), "x.evtx", log, []byte(tt.printed), tt.fails); err != nil {
				t.Fatal(err)
			}
			counts(t, &d.tally, tt.want)
		})
	}
}
