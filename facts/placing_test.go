package facts_test

import (
	"testing"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// TestAnotherProgramsDatabase: the local database of any program fails with event 528, so
// that it does not make its computer one of ADSync; the file is that of the only one.
func TestAnotherProgramsDatabase(t *testing.T) {
	c := facts.NewCollector(facts.Config{})
	in := new(input).service(-10, "4").event(0, "Application", "SQLLocalDB 15.0", 528, facts.Field{Value: "WaitForMultipleObjects"}, facts.Field{Value: "575"}).on("APP01.contoso.com")
	for i, e := range in.events {
		e.Location.Source = []evidence.Source{"System.evtx", "Application.evtx"}[i]
		c.AddEvent(e)
		c.AddCoverage(e.Location.Source, evtx.Coverage{Complete: true, Streams: []evtx.Stream{{Channel: e.Channel, Computer: e.Computer, First: t0, Last: t0, FirstID: 1, LastID: 1, Records: 1}}})
	}
	c.AddCollected(file(t, "sc.txt", sc(`CONTOSO\svc-sync`, "2 AUTO_START")))
	if got := the(t, c, "SYNC01").Account.Name; got != `CONTOSO\svc-sync` {
		t.Errorf("account %s, unplaced %v", got, c.Unplaced())
	}
}

// TestFilesBesideANamelessReport: a report that does not name its computer is no reason to take
// files from two other folders for those of one computer.
func TestFilesBesideANamelessReport(t *testing.T) {
	collectAt := func(report, file1, file2 evidence.Source) int {
		c := facts.NewCollector(facts.Config{})
		in := new(input).report(func(r *gpreport.Report) {
			r.Source, r.Host, r.Domain, r.Computer.Name, r.Computer.Domain = report, "", "", "", ""
		})
		c.AddReport(in.reports[0])
		c.AddCollected(file(t, string(file1), sc(`CONTOSO\svc-sync`, "2 AUTO_START")))
		c.AddCollected(file(t, string(file2), sc(`CONTOSO\svc-sync`, "2 AUTO_START")))
		return len(c.Unplaced())
	}
	if n := collectAt("A/gpresult.htm", "B/sc.txt", "C/sc2.txt"); n != 2 {
		t.Errorf("files of three folders: %d are unplaced, want 2", n)
	}
	if n := collectAt("A/gpresult.htm", "B/sc.txt", "B/sc2.txt"); n != 2 {
		t.Errorf("files of another folder: %d are unplaced, want 2", n)
	}
	if n := collectAt("A/gpresult.htm", "A/sc.txt", "A/sc2.txt"); n != 0 {
		t.Errorf("files of one folder: %d are unplaced", n)
	}
}
