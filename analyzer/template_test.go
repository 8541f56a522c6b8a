package analyzer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
)

const ownRights = `[Unicode]
Unicode=yes
[Privilege Rights]
SeChangeNotifyPrivilege = *S-1-1-0
SeImpersonatePrivilege = *S-1-5-6
SeCreateGlobalPrivilege = *S-1-5-6
SeIncreaseWorkingSetPrivilege = *S-1-5-32-545
SeTimeZonePrivilege = *S-1-5-19
SeServiceLogonRight = *S-1-5-80-0
[Version]
signature="$CHICAGO$"
Revision=1
`

// TestTemplates: which security templates are evidence, and that the result tells of those
// that no rule looks at.
func TestTemplates(t *testing.T) {
	for _, tt := range []struct {
		name     string
		members  map[string]string
		status   bundle.Status // of the template
		detail   string
		evidence bool
	}{
		{"an export alone", map[string]string{"secedit.inf.utf16": ownRights}, bundle.Read, "", true},
		{"an export of the only computer", map[string]string{"secedit.inf.utf16": ownRights, "System.evtx.yaml": log}, bundle.Read, "", true},
		{"an export of another computer", map[string]string{"SQL01_SecEdit_Start_.txt": ownRights, "System.evtx.yaml": log}, bundle.Ignored, "does not name its computer", true},
		{"the template of a GPO", map[string]string{"GptTmpl.inf": ownRights}, bundle.Ignored, "no rule looks at it", false},
		{"an export that is cut off", map[string]string{"secedit.inf": ownRights[:strings.Index(ownRights, "*S-1-5-80-0")]}, bundle.Partly, "ends too early", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := analyzer.New(analyzer.Config{})
			if err != nil {
				t.Fatal(err)
			}
			b, err := bundle.Open(context.Background(), bundle.Config{}, write(t, tt.members))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			res, err := a.Analyze(context.Background(), b)
			if err != nil {
				t.Fatal(err)
			}
			if res.HasEvidence() != tt.evidence {
				t.Errorf("evidence %v", res.HasEvidence())
			}
			for _, in := range res.Inputs {
				if in.Kind == string(bundle.SeceditINF) && (in.Status != string(tt.status) || !strings.Contains(in.Detail, tt.detail)) {
					t.Errorf("%s: status %s, detail %q", in.Path, in.Status, in.Detail)
				}
			}
		})
	}
}
