package render

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		what        string
		in          inert
		first, rest int
		want        []inert
	}{
		{"nothing", "", 10, 10, []inert{""}},
		{"fits", "one two", 7, 7, []inert{"one two"}},
		{"breaks at spaces", "one two three", 7, 7, []inert{"one two", "three"}},
		{"short first line", "one two three", 3, 9, []inert{"one", "two three"}},
		{"drops spaces at breaks", "one  two", 3, 3, []inert{"one", "two"}},
		{"no-break space", "one" + nbsp + "two three", 9, 9, []inert{"one" + nbsp + "two", "three"}},
		{"long word", "abcdefghij", 4, 4, []inert{"abcd", "efgh", "ij"}},
		{"long word after separators", "aa/bb-cc.dd", 4, 4, []inert{"aa/", "bb-", "cc.", "dd"}},
		{"long word starts a line", "x abcdefghij", 8, 8, []inert{"x", "abcdefgh", "ij"}},
		{"long word with separators goes on", "x ab/cdefghij", 8, 8, []inert{"x ab/", "cdefghij"}},
		{"wide characters", "漢字漢字漢", 5, 4, []inert{"漢字", "漢字", "漢"}},
		{"wide characters after a word", "ab漢字", 4, 4, []inert{"ab漢", "字"}},
		{"combining marks stay", "e\u0301e\u0301e\u0301", 2, 2, []inert{"e\u0301e\u0301", "e\u0301"}},
		{"marks on wide characters stay", "漢\u0301字\u0301", 2, 2, []inert{"漢\u0301", "字\u0301"}},
		{"escapes stay whole", `ab\x1b\x1b`, 7, 7, []inert{`ab\x1b`, `\x1b`}},
		{"escaped characters stay whole", "a<U+202E><U+202E>", 12, 12, []inert{"a<U+202E>", "<U+202E>"}},
		{"character wider than the line", "漢漢", 1, 1, []inert{"漢", "漢"}},
		{"quoted command stays whole", "run `gpupdate /force`, then wait", 12, 12, []inert{"run", "`gpupdate /force`,", "then wait"}},
		{"single quote is text", "it`s a b", 4, 4, []inert{"it`s", "a b"}},
	} {
		if diff := cmp.Diff(tt.want, wrap(tt.in, tt.first, tt.rest)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		in    inert
		limit int
		want  inert
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"ab cd", 4, "ab…"},
		{"漢字漢", 4, "漢…"},
	} {
		if got := fit(tt.in, tt.limit); got != tt.want {
			t.Errorf("fit(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestSplitStep(t *testing.T) {
	for _, tt := range []struct{ in, text, command string }{
		{"Start the service: `Start-Service ADSync`", "Start the service:", "Start-Service ADSync"},
		{"Start the service with `Start-Service ADSync`.", "Start the service with", "Start-Service ADSync"},
		{"`gpupdate /force`", "Run", "gpupdate /force"},
		{"Add CONTOSO\\x: Set-ADUser evil -Enabled $true to the list: Set-ADUser evil", "Add CONTOSO\\x: Set-ADUser evil -Enabled $true to the list: Set-ADUser evil", ""},
		{"Apply it: gpupdate", "Apply it: gpupdate", ""},
		{"Run `gpupdate /force`, then wait.", "Run `gpupdate /force`, then wait.", ""},
		{"Run `a b`, then `c d`", "Run `a b`, then `c d`", ""},
		{"Note: net income is not meant. Read on.", "Note: net income is not meant. Read on.", ""},
		{"Note: self-service helps", "Note: self-service helps", ""},
		{"Open x: Remove-Item C:\\", "Open x: Remove-Item C:\\", ""},
		{"Enable the account in Active Directory", "Enable the account in Active Directory", ""},
		{"", "", ""},
	} {
		if text, command := splitStep(tt.in); text != tt.text || command != tt.command {
			t.Errorf("splitStep(%q) = %q, %q, want %q, %q", tt.in, text, command, tt.text, tt.command)
		}
	}
}
