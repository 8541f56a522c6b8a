package render

import (
	"strings"

	"github.com/gpevtx/gpevtx/rules"
)

// factWords says where a fact comes from. A fact that is not in it goes by its name.
var factWords = map[string]inert{
	rules.FactAccount:     "the account of the service, from event logs, registry exports, the output of sc, lists of services and whoami, or as the user states it",
	rules.FactRights:      "the logon rights of the account, from reports of the computer's policy and exports of its security settings (secedit /export), with the System and the Security log, and groups as whoami, events or the user tell them",
	rules.FactService:     "the state and history of the service, from the System, the Application and the Security log, and its configuration, from registry exports, the output of sc and lists of services",
	rules.FactReports:     "what the Group Policy reports cover",
	rules.FactLogs:        "which times the event logs cover",
	rules.FactLocalPolicy: "the rights that the computer itself gives, from an export of its security settings (secedit /export), and how they differ from the reports",
	rules.FactEngine:      "what the synchronization engine and its setup log, from the Application, the System and the Security log",
	rules.FactSettings:    "settings of the computer, from registry exports",
	rules.FactPolicy:      "what became of the computer's policy over time, from the System, the Application, the Security and the Microsoft-Windows-GroupPolicy/Operational log, and who edited GPOs, from the Security logs of domain controllers",
}

// inputKinds says what a kind of input is. Channels and other kinds are not in it.
var inputKinds = map[string]inert{
	rules.InputReport:         "a Group Policy report of the computer or of a user",
	rules.InputComputerReport: "a Group Policy report that covers the computer, as gpresult /h or /x makes it in an elevated prompt",
	rules.InputRights:         "a Group Policy report that covers the computer, or an export of its own security settings as secedit /export makes it",
	rules.InputService:        "the System log (System.evtx), or a file that shows the configuration of the service, as sc qc and reg export make it",
}

// inputWords says what an input is that a rule or a plan needs.
func inputWords(kind string) inert {
	if channels := channelsOf(kind); channels != nil {
		return logWords(channels)
	}
	if words, ok := inputKinds[kind]; ok {
		return words
	}
	return name(kind)
}

// hasChoice reports whether one of several inputs is enough.
func hasChoice(kind string) bool {
	return kind == rules.InputRights || kind == rules.InputService || len(channelsOf(kind)) > 1
}

// channelsOf returns the channels of which an input is to be one; nil for other kinds. Rules
// join them by a bar, plans by a word.
func channelsOf(kind string) []string {
	channels, ok := strings.CutPrefix(kind, rules.InputChannel)
	if !ok {
		return nil
	}
	return strings.Split(strings.ReplaceAll(channels, " or ", "|"), "|")
}

// logWords names logs with the files that Windows keeps them in.
func logWords(channels []string) inert {
	out := make([]inert, len(channels))
	for i, c := range channels {
		out[i] = name(c) + " log (" + name(strings.ReplaceAll(c, "/", "%4")+".evtx") + ")"
	}
	return "the " + join(out, " or the ")
}
