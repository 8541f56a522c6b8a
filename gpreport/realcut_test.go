package gpreport_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

// TestRealReportsCut cuts every real report at many places: what is read of a part is right,
// and a right that may be missing is never said to be undefined.
func TestRealReportsCut(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: left out with -short")
	}
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(reportFile(t, "README.md").Name()), "*.*"))
	for _, file := range files {
		if strings.HasSuffix(file, ".md") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := parseBytes(data)
			if err != nil {
				t.Fatal(err)
			}
			known := settingsAsRead(whole)
			step := 1000 * max(1, len(data)/1000/60) // every 1,000th byte takes minutes
			for end := 0; end < len(data); end += step {
				checkCut(t, data[:end], whole, known)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// settingsAsRead are the settings of a report, as text.
func settingsAsRead(r *gpreport.Report) map[string]bool {
	out := make(map[string]bool)
	for _, s := range []*gpreport.Scope{r.Computer, r.User} {
		if s != nil {
			for _, set := range s.Settings {
				out[settingText(set)] = true
			}
		}
	}
	return out
}

func settingText(s gpreport.Setting) string {
	return strings.Join(s.Section, "|") + "|" + s.Name + "|" + s.Value + "|" + s.Winner.Name
}

func checkCut(t *testing.T, data []byte, whole *gpreport.Report, known map[string]bool) {
	t.Helper()
	end := len(data)
	r, err := parseBytes(data)
	if r == nil {
		if err == nil {
			t.Errorf("at %d: neither a report nor an error", end)
		}
		return
	}
	if (err != nil) != r.Incomplete {
		t.Errorf("at %d: error %v, incomplete %v", end, err, r.Incomplete)
	}
	if r.Computer != nil && whole.Computer == nil || r.User != nil && whole.User == nil {
		t.Errorf("at %d: a scope that is not there", end)
		return
	}
	for constant := range rightsOf(whole) {
		w, state := whole.Right(constant)
		got, now := r.Right(constant)
		switch {
		case now == state && len(got.Principals) == len(w.Principals):
		case now == gpreport.ReportCutOff || now == gpreport.NotUnderstood:
		case r.Kind == gpreport.SeceditINF: // a template has no end: one that is cut between two lines is another one
		default:
			t.Errorf("at %d: %s is %s with %d principals, in the whole %s with %d", end, constant, now, len(got.Principals), state, len(w.Principals))
		}
	}
	for constant := range rightsOf(r) {
		if a, _ := r.Right(constant); constant != "" {
			w, ok := whole.Right(constant)
			if diff := cmp.Diff(w.Principals, a.Principals); ok != gpreport.DefinedFor && ok != gpreport.DefinedEmpty || diff != "" {
				t.Errorf("at %d: right %s (-want +got):\n%s", end, constant, diff)
			}
		}
	}
	for s := range settingsAsRead(r) {
		// A winner's name may come from a list behind the cut.
		if i := strings.LastIndexByte(s, '|'); !known[s] && r.Kind != gpreport.GPResultXML || i < 0 {
			t.Errorf("at %d: setting %q", end, s)
		}
	}
}

func rightsOf(r *gpreport.Report) map[string]bool {
	out := make(map[string]bool)
	if r.Computer != nil {
		for _, a := range r.Computer.Rights {
			out[a.Right] = true
		}
	}
	return out
}
