package gpreport_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

func TestCutOff(t *testing.T) {
	text := page{computer: sync01(
		row("Log on as a batch job", "Administrators", "Server Baseline"),
		row("Log on as a service", `CONTOSO\svc-a, CONTOSO\svc-b`, "Server Baseline"),
	).String()}.String()
	cut := strings.Index(text, `svc-a`) + len("svc-a")
	r, err := parseBytes([]byte(text[:cut]))
	var pe *gpreport.ParseError
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &pe) {
		t.Fatalf("error %v", err)
	}
	if pe.Line != strings.Count(text[:cut], "\n")+1 || pe.Offset != int64(cut) || pe.Section[len(pe.Section)-1] != rightsTitle {
		t.Errorf("place %+v", pe)
	}
	if want := `report.html: line `; !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), rightsTitle) {
		t.Errorf("error text %q", err)
	}
	if !r.Incomplete || !r.Computer.Incomplete || !slices.Contains(codes(r), gpreport.CutOff) {
		t.Errorf("incomplete %v, %v, warnings %q", r.Incomplete, r.Computer.Incomplete, codes(r))
	}
	if len(r.Computer.Rights) != 1 || r.Computer.Rights[0].Right != "SeBatchLogonRight" {
		t.Errorf("the row that is cut in half was read: %+v", r.Computer.Rights)
	}
}

// Wherever a report ends, what is read is a part of the whole, and whatever is
// missing is said to be.
func TestCutAnywhere(t *testing.T) {
	p := page{
		computer:      sync01(row("Log on as a batch job", "Administrators, Guests", "Default Domain Policy"), row("Log on as a service", "", "Server Baseline"), row("Debug programs", `CONTOSO\ä`, "Server Baseline")).String(),
		user:          someUser().String(),
		afterSettings: `<script id="data-island" type="application/xml"><xml>&lt;Event SystemTime='2023-10-19T01:06:31.1Z'/&gt;<EventTime>10/18/2023 6:06:31 PM</EventTime></xml></script>`,
	}
	whole := parse(t, p)
	for step, data := range map[int][]byte{1: []byte(p.String()), 17: utf16LE(p.String())} {
		for end := 0; end < len(data); end += step {
			r, err := parseBytes(data[:end])
			if r == nil {
				if err == nil {
					t.Fatalf("at %d: neither a report nor an error", end)
				}
				continue
			}
			checkPart(t, end, whole, r)
			if t.Failed() {
				return
			}
			if (err != nil) != r.Incomplete {
				t.Fatalf("at %d: error %v, incomplete %v", end, err, r.Incomplete)
			}
			if !r.Incomplete && (r.Computer == nil || r.User == nil || !cmp.Equal(r.Computer, whole.Computer) || !cmp.Equal(r.User, whole.User)) {
				t.Fatalf("at %d: parts are missing and nothing says so", end)
			}
		}
	}
}

func checkPart(t *testing.T, end int, whole, part *gpreport.Report) {
	t.Helper()
	partOf(t, end, "host", whole.Host, part.Host)
	partOf(t, end, "user", whole.UserName, part.UserName)
	partOf(t, end, "collected", whole.Collected.Raw, part.Collected.Raw)
	checkScope(t, end, whole.Computer, part.Computer)
	checkScope(t, end, whole.User, part.User)
}

func checkScope(t *testing.T, end int, whole, part *gpreport.Scope) {
	t.Helper()
	if part == nil {
		return
	}
	for _, s := range [][2]string{{whole.Name, part.Name}, {whole.Domain, part.Domain}, {whole.OU, part.OU}, {whole.Site, part.Site}, {whole.Refreshed.Raw, part.Refreshed.Raw}} {
		partOf(t, end, "name", s[0], s[1])
	}
	if len(part.Groups) != 0 && !slices.Equal(whole.Groups, part.Groups) {
		t.Errorf("at %d: groups %+v", end, part.Groups)
	}
	if len(part.Rights) > len(whole.Rights) || len(part.Rights) < len(whole.Rights) && !part.Incomplete {
		t.Errorf("at %d: %d rights, incomplete %v", end, len(part.Rights), part.Incomplete)
		return
	}
	for i, a := range part.Rights {
		w := whole.Rights[i]
		partOf(t, end, "winner's GUID", w.Winner.GUID, a.Winner.GUID)
		a.Winner.GUID = w.Winner.GUID
		if diff := cmp.Diff(w, a); diff != "" {
			t.Errorf("at %d: right (-want +got):\n%s", end, diff)
		}
	}
	for _, lists := range [][2][]gpreport.GPO{{whole.Applied, part.Applied}, {whole.Denied, part.Denied}} {
		if len(lists[1]) > len(lists[0]) || len(lists[1]) < len(lists[0]) && !part.Incomplete {
			t.Errorf("at %d: GPOs %+v", end, lists[1])
			return
		}
		for i, g := range lists[1] {
			w := lists[0][i]
			if g.Name != w.Name || g.GUID != w.GUID || g.Applied != w.Applied || g.Local != w.Local {
				t.Errorf("at %d: GPO %+v", end, g)
			}
			partOf(t, end, "link", w.Link, g.Link)
			partOf(t, end, "reason", w.DeniedReason, g.DeniedReason)
		}
	}
}

// partOf reports an error unless got is want or empty.
func partOf(t *testing.T, end int, what, want, got string) {
	t.Helper()
	if got != "" && got != want {
		t.Errorf("at %d: %s %q, want %q or nothing", end, what, got, want)
	}
}
