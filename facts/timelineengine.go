package facts

import "strings"

// engineWords say what the troubles of the synchronization engine are.
var engineWords = map[engineKind]string{
	databaseUnreachable: "the synchronization engine could not log on to its database",
	databaseFull:        "the database of the synchronization engine is full",
	keyLost:             "the synchronization engine could not read its encryption key",
	tableError:          "the synchronization engine could not pass a table to its database",
	signInBlocked:       "Microsoft Entra ID did not let the connector's account sign in",
	signInFailed:        "the connector got no token from Microsoft Entra ID",
	certificateRejected: "Microsoft Entra ID did not accept the connector's certificate",
	noSecureChannel:     "no secure channel to Microsoft Entra ID could be created",
	deletesPrevented:    "an export held back more deletions than are allowed",
	passwordsFailed:     "the password hash synchronization failed",
}

// span is the first and the last event of one kind, as indexes.
type span struct{ first, last int }

// engineSpans finds the first and the last event of each trouble, and of finished cycles: a
// cycle comes each half hour, and so does its trouble.
func engineSpans(events []Event) map[engineKind]span {
	spans := make(map[engineKind]span)
	for i, e := range events {
		if !e.ofEngine() {
			continue
		}
		k := e.engineText().kind
		if s, ok := spans[k]; ok {
			spans[k] = span{s.first, i}
		} else {
			spans[k] = span{i, i}
		}
	}
	return spans
}

// narrateEngine tells the i-th event if it is the first or the last of its kind.
func narrateEngine(i int, e Event, spans map[engineKind]span) string {
	k := e.engineText().kind
	s := spans[k]
	what := engineWords[k]
	switch {
	case k == cycleFinished && i == s.last:
		return "the scheduler finished a part of a synchronization cycle, the last one that shows"
	case k == wizardError && (i == s.first || i == s.last):
		return "setup or the configuration wizard reported " + e.Wizard()
	case what == "" || i != s.first && i != s.last:
		return ""
	case s.first == s.last:
		return what
	case i == s.first:
		return what + ", for the first time"
	}
	return what + ", for the last time"
}

// narrateInstall tells an event of Windows Installer.
func narrateInstall(e Event) string {
	switch e.ID {
	case 1033:
		if e.Param(4) == "0" {
			return strings.TrimSpace(e.Param(1) + " " + e.Param(2) + " was installed or upgraded")
		}
		return "the installation of " + e.Param(1) + " failed" + code(e.Param(4))
	case 1034:
		return e.Param(1) + " was removed"
	case 1035, 1036:
		return e.Param(1) + " was changed or updated"
	}
	return ""
}
