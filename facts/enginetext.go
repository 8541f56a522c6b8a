package facts

import (
	"slices"
	"strings"
)

// engineKind sorts the events of the synchronization engine by what they say.
type engineKind int

const (
	noEngineKind engineKind = iota

	// Signs of life.
	cycleSign         // of a cycle of the scheduler at work
	cycleFinished     // a part of a cycle ended
	importFinished    // from Microsoft Entra ID
	exportFinished    // to Microsoft Entra ID
	passwordsFinished // password hashes were sent, or there were none to send
	passwordsComplete // all password hashes of a domain were gone through

	// Trouble.
	databaseUnreachable
	databaseFull
	keyLost
	tableError
	signInBlocked
	signInFailed // for a reason that the text does not tell
	certificateRejected
	noSecureChannel // to Microsoft Entra ID
	deletesPrevented
	passwordsFailed
	wizardError
)

// isTrouble reports whether an event of this kind speaks of something that went wrong.
func (k engineKind) isTrouble() bool { return k >= databaseUnreachable }

// engineText is what the text of one event of the synchronization engine says.
type engineText struct {
	kind engineKind
	// version is that of the product, in the last line of a stack.
	version string
	// code is the last error of a stack other than the general one, such as 0x6ba.
	code string
	// number is what the text itself counts or calls the error: the RPC error or the error
	// of the provisioning service, or the AADSTS code.
	number string
	// wizard is the message of the configuration wizard; nil for others.
	wizard *wizardMessage
	// staging and suspended: the text says that the server stages, or that its scheduler
	// does not run cycles.
	staging, suspended bool
}

// maxEngineText bounds how much of the text of one event is read, in bytes. An event of
// Windows has at most half of it.
const maxEngineText = 128 << 10

// addText adds one datum to the text of an event, under the bound.
func addText(b *strings.Builder, s string) {
	if room := maxEngineText - b.Len() - 1; room > 0 {
		b.WriteString(cut(s, room))
		b.WriteByte('\n')
	}
}

// ofEngine reports whether the synchronization engine logged the event.
func (e Event) ofEngine() bool {
	return strings.EqualFold(e.Provider, adSync) || strings.EqualFold(e.Provider, dirSync)
}

// engineText returns what the text of the event says.
func (e Event) engineText() *engineText {
	switch {
	case e.engine != nil:
		return e.engine
	case !e.ofEngine():
		return &engineText{}
	}
	var b strings.Builder
	for _, f := range e.Fields {
		if f.Name == "" {
			addText(&b, f.Value)
		}
	}
	return readEngineText(e, b.String())
}

// readEngineText reads the whole text of an event. Ids alone say too little: some have two
// meanings, some errors have the level of information, and the messages of the wizard have
// no documented ids.
func readEngineText(e Event, text string) *engineText {
	t := &engineText{version: stackVersion(text), code: stackCode(text)}
	low := strings.ToLower(text)
	t.staging = saysYes(low, "staging mode", "stagingmode")
	t.suspended = strings.Contains(low, "scheduler") && strings.Contains(low, "suspended") || saysNo(low, "synccycleenabled")
	if strings.EqualFold(e.Provider, adSync) {
		t.readEngine(e, low)
	} else {
		t.readConnector(e, low)
	}
	switch t.kind {
	case noEngineKind, cycleSign, signInFailed:
		if m := findWizardMessage(text); m != nil {
			t.wizard, t.kind = m, m.kind
		}
	}
	return t
}

// readEngine reads an event of the engine itself, the source ADSync.
func (t *engineText) readEngine(e Event, low string) {
	switch {
	case (e.ID == 2005 || e.ID == 6226) && strings.Contains(low, "0x8023044a"):
		t.kind, t.code = databaseUnreachable, "0x8023044a"
	case e.ID == 6323 || strings.Contains(low, "stopped-database-disk-full"):
		t.kind = databaseFull
	case e.ID == 6028:
		t.kind = keyLost
	case e.ID == 6301 && strings.Contains(low, `rcvtvp.h`):
		t.kind = tableError
	case e.ID == 6801 || e.ID == 6900:
		t.readSignIn(low, e.ID == 6801 && strings.Contains(low, "getsecuritytoken"))
		t.readChannel(low, e.ID == 6801)
	}
}

// readConnector reads an event of the connector to Microsoft Entra ID, of the password hash
// synchronization and of the scheduler, which all log as Directory Synchronization.
func (t *engineText) readConnector(e Event, low string) {
	switch e.ID {
	case 104, 114:
		t.kind = exportFinished
	case 105:
		t.kind = importFinished
	case 115:
		if strings.Contains(low, "active directory has been denied") || strings.Contains(low, "entra id has been denied") {
			t.kind = signInBlocked
		}
	case 116:
		if e.Level == 3 && strings.Contains(low, "prevent accidental deletes") {
			t.kind = deletesPrevented
		}
	case 117:
		t.kind = cycleSign
	case 611:
		if strings.Contains(low, "synchronization failed for domain") {
			t.kind, t.number = passwordsFailed, digitsAfter(low, "rpc error ")
		}
	case 652, 655:
		if t.readSignIn(low, false); t.kind == noEngineKind && strings.Contains(low, "failed credential provisioning") {
			t.kind, t.number = passwordsFailed, digitsAfter(low, "error code: ")
		}
	case 622, 623:
		t.kind = passwordsComplete
	case 651, 654:
		t.kind = passwordsFinished
	case 657:
		if strings.Contains(low, "result: success") {
			t.kind = passwordsFinished
		}
	case 904:
		if t.kind = cycleSign; strings.Contains(low, "finished") {
			t.kind = cycleFinished
		}
	case 906:
		t.readSignIn(low, true)
		t.readChannel(low, true)
	default:
		if strings.Contains(low, "stopped-database-disk-full") {
			t.kind = databaseFull
		}
	}
}

// signInCodes are the errors of the Microsoft Entra sign-in service that say that the
// connector's account, or its certificate, was refused by itself. Others can be the network.
var signInCodes = map[string]engineKind{
	"50034":  signInBlocked, // no such account
	"50053":  signInBlocked, // locked, or an address with a bad name
	"50055":  signInBlocked, // password expired
	"50057":  signInBlocked, // account disabled
	"50072":  signInBlocked, // to be enrolled for multifactor authentication
	"50074":  signInBlocked, // multifactor authentication asked for
	"50076":  signInBlocked, // multifactor authentication asked for
	"50079":  signInBlocked, // to be enrolled for multifactor authentication
	"50126":  signInBlocked, // wrong name or password
	"50158":  signInBlocked, // another provider's challenge was not met
	"53000":  signInBlocked, // Conditional Access: device
	"53001":  signInBlocked, // Conditional Access: device
	"53003":  signInBlocked, // Conditional Access
	"700027": certificateRejected,
}

// modalDialog is what .NET says where a sign-in wants to ask the user something, which a
// service cannot.
const modalDialog = "modal dialog box or form when the application is not running in userinteractive mode"

// readSignIn reads a text on a sign-in to Microsoft Entra ID. failed is set when the event
// says by itself that no token could be had.
func (t *engineText) readSignIn(low string, failed bool) {
	rest := low
	for range 32 {
		i := strings.Index(rest, "aadsts")
		if i < 0 {
			break
		}
		rest = rest[i+len("aadsts"):]
		number := digits(rest)
		if kind, known := signInCodes[number]; known {
			t.kind, t.number = kind, "AADSTS"+number
			return
		}
		if t.number == "" && number != "" {
			t.number = "AADSTS" + number
		}
	}
	switch {
	case strings.Contains(low, modalDialog):
		t.kind = signInBlocked
	case strings.Contains(low, "the user name or password is incorrect. verify your user name"):
		t.kind = signInBlocked
	case failed:
		t.kind = signInFailed
	}
}

// channelErrors are what .NET and Windows say where no secure channel could be created.
var channelErrors = []string{"could not create ssl/tls secure channel", "do not possess a common algorithm"}

// readChannel reads a text on a secure channel. That no token could be had without one says
// nothing more, but a refusal of the account came through such a channel.
func (t *engineText) readChannel(low string, counts bool) {
	says := func(s string) bool { return strings.Contains(low, s) }
	if counts && (t.kind == noEngineKind || t.kind == signInFailed) && slices.ContainsFunc(channelErrors, says) {
		t.kind = noSecureChannel
	}
}

// digits returns the decimal digits at the beginning of a text, ten at most.
func digits(s string) string {
	n := 0
	for n < len(s) && n < 10 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n]
}

// digitsAfter returns the number that follows a word, or "".
func digitsAfter(s, word string) string {
	if i := strings.Index(s, word); i >= 0 {
		return digits(s[i+len(word):])
	}
	return ""
}

// answerLength is how far behind a word its yes or no may stand, in bytes.
const answerLength = 32

// saysYes reports whether a text has one of the words without a no behind it.
func saysYes(low string, words ...string) bool {
	for _, w := range words {
		if i := strings.Index(low, w); i >= 0 && !isNo(low[i+len(w):]) {
			return true
		}
	}
	return false
}

// saysNo reports whether a text has a word with a no behind it.
func saysNo(low, word string) bool {
	i := strings.Index(low, word)
	return i >= 0 && isNo(low[i+len(word):])
}

func isNo(s string) bool {
	s = s[:min(len(s), answerLength)]
	return strings.Contains(s, "false") || strings.Contains(s, "disabled")
}

// The general error, which every frame of a stack passes on when nothing better is known.
const generalError = "0x80004005"

// stackCode returns the last error of a stack of the engine other than the general one, as
// the text writes it; "" where there is none. Earlier lines can be of errors that the engine
// got over, such as registry values that are not there.
func stackCode(text string) string {
	code := ""
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t\"*")
		var c string
		switch {
		case strings.HasPrefix(line, "BAIL: MMS("):
			c = firstHex(line)
		case strings.HasPrefix(line, "ERR_: MMS("):
			c = lastHex(line)
		}
		if c != "" && c != "0x0" && !strings.EqualFold(c, generalError) {
			code = c
		}
	}
	return strings.ToLower(code)
}

// firstHex returns the first hexadecimal number behind a blank, such as 0x6ba.
func firstHex(s string) string { return hexAt(s, strings.Index(s, " 0x")) }

// lastHex returns the last one.
func lastHex(s string) string { return hexAt(s, strings.LastIndex(s, " 0x")) }

// hexAt returns the number behind the blank at i, or "" when it is none of up to 32 bits.
func hexAt(s string, i int) string {
	if i < 0 {
		return ""
	}
	s = s[i+1:]
	n := 2
	for n < len(s) && isHex(s[n]) {
		n++
	}
	if n == 2 || n > 10 {
		return ""
	}
	return s[:n]
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// stackVersion returns the version of the product in the last line of a stack, or "".
func stackVersion(text string) string {
	const product = "Azure AD Sync "
	i := strings.LastIndex(text, product)
	if i < 0 || i > 0 && text[i-1] != '\n' {
		return ""
	}
	v := text[i+len(product):]
	n := 0
	for n < len(v) && (v[n] == '.' || v[n] >= '0' && v[n] <= '9') {
		n++
	}
	if v = v[:n]; isVersion(v) {
		return v
	}
	return ""
}

// squeeze writes a line in lower case with single blanks, so that texts can be compared.
func squeeze(line string) string { return strings.ToLower(strings.Join(strings.Fields(line), " ")) }
