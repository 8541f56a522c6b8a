package main

import (
	"errors"
	"testing"

	"github.com/gpevtx/gpevtx/gpreport"
)

// TestDifference: the exit codes of policy diff.
func TestDifference(t *testing.T) {
	unsure := gpreport.Unsure{Code: gpreport.OtherFormat}
	some := &gpreport.ScopeDiff{Compared: []gpreport.Part{gpreport.RightsPart}}
	changed := &gpreport.ScopeDiff{Rights: []gpreport.RightChange{{}}}
	for _, tt := range []struct {
		name   string
		d      gpreport.Diff
		strict bool
		want   int
	}{
		{"equal", gpreport.Diff{Computer: some}, true, exitOK},
		{"different", gpreport.Diff{Computer: changed, Unsure: []gpreport.Unsure{unsure}}, true, exitFindings},
		{"not everything compared", gpreport.Diff{Computer: some, Unsure: []gpreport.Unsure{unsure}}, false, exitOK},
		{"not everything compared, strictly", gpreport.Diff{Computer: some, Unsure: []gpreport.Unsure{unsure}}, true, exitInconclusive},
		{"nothing compared", gpreport.Diff{}, false, exitInconclusive},
		{"nothing of a half compared", gpreport.Diff{Computer: &gpreport.ScopeDiff{}}, false, exitInconclusive},
		{"the GPO itself", gpreport.Diff{Description: []gpreport.FieldChange{{}}}, false, exitFindings},
	} {
		code := exitOK
		var exit *exitError
		if errors.As(difference(&tt.d, tt.strict, true), &exit) {
			code = exit.code
		}
		if code != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, code, tt.want)
		}
	}
}
