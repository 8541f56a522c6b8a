package facts

import (
	"strings"
	"testing"
)

func TestIsComputerName(t *testing.T) {
	for name, want := range map[string]bool{
		"SRV01":                   true,
		"srv-01.corp.example":     true,
		"_x":                      true,
		"-x":                      true,
		"サーバー１":                   true,
		"":                        false,
		".corp":                   false,
		"a b":                     false,
		`a\b`:                     false,
		"a\n":                     false,
		"\xff":                    false,
		strings.Repeat("é", 255):  true,
		strings.Repeat("é", 256):  false,
		"a" + string(rune(0x301)): false,
	} {
		if got := isComputerName(name); got != want {
			t.Errorf("isComputerName(%q) = %t", name, got)
		}
	}
}
