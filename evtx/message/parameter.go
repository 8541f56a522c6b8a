package message

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/winerr"
)

// maxParameterDigits is the length of the largest 32-bit number.
const maxParameterDigits = 10

// parameters finds the text of a parameter, the number behind %%, in the table that the
// provider's parameters go into. The number may be negative, when the event writes an HRESULT so.
type parameters func(number string) (string, bool)

// parametersOf returns the table of an event's provider; one of an unknown provider has none.
// Windows has a table for each provider (ParameterMessageFile in the registry): the same
// number is another text in another table.
func parametersOf(sys *evtx.System) parameters {
	switch strings.ToLower(sys.Provider) {
	case "service control manager":
		if sys.EventID == serviceSpecificError {
			return hresultParameter
		}
		return systemParameter
	case "netlogon":
		return systemParameter
	case "microsoft-windows-security-auditing":
		return auditParameter
	}
	return noParameter
}

// serviceSpecificError is the event of a service that ended with a number of its own. A small
// number is not that of a Win32 error there, even though Event Viewer looks it up as one.
const serviceSpecificError = 7024

func noParameter(string) (string, bool) { return "", false }

func systemParameter(number string) (string, bool) {
	code, ok := winerr.Parse(number)
	if !ok {
		return "", false
	}
	return explain(code.String(), code.Info())
}

// hresultParameter knows error codes that cannot be taken for another, by their highest bit.
func hresultParameter(number string) (string, bool) {
	code, ok := winerr.Parse(number)
	if !ok || code>>31 == 0 {
		return "", false
	}
	return explain(code.String(), code.Info())
}

// explain puts what is known of a code behind it. The meaning loses its full stop: it stands
// within a sentence or at its end.
func explain(code string, info winerr.Info) (string, bool) {
	meaning := strings.TrimSuffix(info.Meaning, ".")
	switch {
	case info.Symbol == "" && meaning == "":
		return "", false
	case info.Symbol == "":
		return code + ": " + meaning, true
	case meaning == "":
		return code + " (" + info.Symbol + ")", true
	}
	return code + " (" + info.Symbol + "): " + meaning, true
}

// auditText lists texts of the audit messages, one a line: the number, a tab, the words.
//
//go:embed auditwords.txt
var auditText string

var auditWords = sync.OnceValue(func() map[uint32]string {
	words := make(map[uint32]string)
	for line := range strings.Lines(auditText) {
		number, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if n, err := strconv.ParseUint(number, 10, 32); ok && err == nil {
			words[uint32(n)] = text
		}
	}
	return words
})

func auditParameter(number string) (string, bool) {
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return "", false
	}
	if text, ok := auditWords()[uint32(n)]; ok {
		return text, true
	}
	meaning := winerr.FailureReason(n).Info().Meaning
	return strings.TrimSuffix(meaning, "."), meaning != ""
}

// cutParameter splits off the text before the first %%n in s and its number. ok is false when
// there is none.
func cutParameter(s string) (before, number, after string, ok bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], "%%")
		if i < 0 {
			return s, "", "", false
		}
		i += from
		rest := s[i+2:]
		sign := 0
		if strings.HasPrefix(rest, "-") {
			sign = 1
		}
		if digits := leadingDigits(rest[sign:], maxParameterDigits+1); digits != "" {
			n := sign + len(digits)
			return s[:i], rest[:n], rest[n:], true
		}
		from = i + 1
	}
}
