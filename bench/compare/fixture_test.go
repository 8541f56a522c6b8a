package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gpevtx/gpevtx/internal/compare"
	"github.com/gpevtx/gpevtx/internal/fixture"
)

// description is a log with events of every shape. The forwarded event is behind the others,
// since evtxexport gives up at it.
const description = `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-10T05:00:00Z
first-record: 4000
events:
  - {time: 2026-11-20T03:12:07Z, provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\ADSync'}}
  - {provider: Service Control Manager, id: 7000, data: {param1: Microsoft Azure AD Sync, param2: '%%1069'}, binary-text: ADSync}
  - {provider: ADSync, id: 6301, strings: ['a <b> & "c"', '', "é漢\r\n"]}
  - {provider: ADSync, id: 2001}
  - provider: Types
    id: 1
    guid: '{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}'
    data: {a: !uint32 4000000000, b: !uint64 18000000000000000000, c: !hexint32 0x1f, d: !sid S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451,
           e: !guid '{0FC65DDD-8D6E-4496-83D5-6E5CFE9CE148}', f: !bool true, g: !uint8 255, h: !uint16 65535, i: !int32 -5, j: !ansi Ünit, k: !size 0x10,
           l: !filetime '2026-11-20T03:12:07.1234567Z', m: !binary 00ff, n: ''}
  - {provider: Microsoft-Windows-CAPI2, id: 11, guid: '{5BBCA4A8-B209-48DC-A8C7-B23D3E5216FB}', user-data: {xml: '<X a="1">t<Y/></X>'}}
  - {provider: Microsoft-Windows-GroupPolicy, id: 1502, forwarded: true, message: 'a < b & c'}
`

func logOf(t testing.TB, description string) []byte {
	t.Helper()
	_, b, err := fixture.Member("System.evtx.yaml", []byte(description))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// corpus lists the real logs where they are there: the folder is named by GPEVTX_CORPUS or
// stands beside the repository. With -short it is every eighth.
func corpus(t *testing.T) (o options) {
	t.Helper()
	o = options{folder: "../../../shared/corpus/evtx", every: 1, progress: t.Output()}
	if env := os.Getenv("GPEVTX_CORPUS"); env != "" {
		o.folder = filepath.Join(env, "evtx")
	}
	if _, err := os.Stat(o.folder); err != nil {
		t.Skipf("no corpus of real logs: %v", err)
	}
	if testing.Short() {
		o.every = 8
	}
	return o
}

// strict fails the test for every difference of no class, and, when all logs were compared,
// for every class that does not occur.
func strict(t *testing.T, tally *compare.Tally, all bool) {
	t.Helper()
	for _, class := range tally.UnknownClasses() {
		t.Errorf("%d differences of no known class: %s: %q", tally.Count(class), class, tally.Examples(class))
	}
	if !all {
		return
	}
	if tally.Records < 30000 || tally.Equal < 500000 {
		t.Errorf("only %d records and %d values compared", tally.Records, tally.Equal)
	}
	for _, class := range tally.Unused() {
		t.Errorf("class %q does not occur: remove it", class)
	}
}

// counts checks that each class occurs as often as wanted, and no other.
func counts(t *testing.T, tally *compare.Tally, want map[string]int) {
	t.Helper()
	got := make(map[string]int)
	for class := range tally.Classes {
		if n := tally.Count(class); n > 0 {
			got[class] = n
		}
	}
	for _, class := range tally.UnknownClasses() {
		got[class] = tally.Count(class)
	}
	for class, n := range got {
		if n != want[class] {
			t.Errorf("%d of class %q, want %d: %q", n, class, want[class], tally.Examples(class))
		}
	}
	for class, n := range want {
		if got[class] == 0 {
			t.Errorf("none of class %q, want %d", class, n)
		}
	}
}
