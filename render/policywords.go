package render

import (
	"cmp"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
	"github.com/gpevtx/gpevtx/sid"
)

// policyTitle says in a line what a report is, when it was collected, how and in which
// language.
func policyTitle(r *gpreport.Report) inert {
	parts := []inert{policySubject(r)}
	if t := r.Collected; t.Raw != "" {
		parts = append(parts, "collected "+policyTimeWords(r, t))
	}
	parts = append(parts, formatWords(r.Kind))
	if r.Language != "" {
		parts = append(parts, languageWords(r.Language))
	}
	return join(parts, ", ")
}

// policySubject says what a report is of.
func policySubject(r *gpreport.Report) inert {
	whose := inert("")
	switch {
	case r.Host != "" && strings.Contains(r.Domain, "."):
		whose = " of " + name(r.Host) + "." + name(r.Domain)
	case r.Host != "":
		whose = " of " + name(r.Host)
	case r.UserName != "":
		whose = " of the user " + name(r.UserName)
	}
	switch r.Results {
	case gpreport.Logged:
		return "Group Policy Results" + whose
	case gpreport.Modelled:
		return "A simulation (Group Policy Modeling)" + whose + ": not what happened"
	case gpreport.Exported:
		return "The security settings that a computer has, from GPOs or its own"
	case gpreport.Defined:
		return "What " + describedGPO(r) + " defines: not what applies to a computer"
	}
	if r.Kind == gpreport.SeceditINF {
		return "A security template that does not tell whether it is of a computer or of a GPO"
	}
	return "A report that does not tell whether it is of results or a simulation" + whose
}

// describedGPO names the GPO that a report or a template describes.
func describedGPO(r *gpreport.Report) inert {
	switch {
	case r.GPO == gpreport.GPORef{}:
		return "a GPO"
	case r.Kind == gpreport.SeceditINF:
		return "the GPO " + refWords(r.GPO) + " (as the path of the file says)"
	}
	return "the GPO " + refWords(r.GPO)
}

// refWords names a GPO, with its GUID where that is known.
func refWords(g gpreport.GPORef) inert {
	words := name(cmp.Or(g.Name, g.GUID))
	switch {
	case words == "":
		words = "none stated"
	case g.GUID != "" && g.Name != "" && g.GUID != g.Name:
		words += " " + name(g.GUID)
	}
	if g.Ambiguous {
		words += " (several GPOs have this name)"
	}
	return words
}

// policyTimeWords prints a time of a report as it stands, in UTC too if that is known.
func policyTimeWords(r *gpreport.Report, t gpreport.LocalTime) inert {
	words := title(t.Raw)
	if at := newPolicyTime(r, t).UTC; at != nil {
		if r.Kind == gpreport.GPResultXML || r.Kind == gpreport.GPOReportXML {
			return stamp(*at)
		}
		words += " (" + stamp(*at) + ")"
	}
	return words
}

// formatWords says what writes a format.
func formatWords(k gpreport.Kind) inert {
	switch k {
	case gpreport.GPResultHTML:
		return "gpresult /H"
	case gpreport.GPResultXML:
		return "gpresult /X"
	case gpreport.GPResultText:
		return "text of gpresult"
	case gpreport.GPOReportHTML:
		return "GPO report in HTML"
	case gpreport.GPOReportXML:
		return "GPO report in XML"
	case gpreport.SeceditINF:
		return "security template"
	}
	return name(string(k))
}

// languages are the English names of the languages of Windows.
var languages = map[string]inert{
	"ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
	"et": "Estonian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hr": "Croatian", "hu": "Hungarian", "it": "Italian",
	"ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian", "nl": "Dutch", "pl": "Polish",
	"pt-BR": "Portuguese (Brazil)", "pt-PT": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
	"sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "zh-CN": "Chinese (simplified)",
	"zh-TW": "Chinese (traditional)",
}

func languageWords(tag string) inert {
	if words, ok := languages[tag]; ok {
		return words
	}
	return "language " + name(tag)
}

// principalWords name an account; a SID that stands for itself with the name that it has
// everywhere.
func principalWords(p sid.Principal) inert {
	words := name(cmp.Or(p.Name, string(p.SID)))
	if known := sid.Name(p.SID); known != "" && (p.Name == "" || p.Name == string(p.SID)) {
		words += " (" + name(known) + ")"
	}
	return words
}

// accountList names accounts in a line.
func accountList(accounts []sid.Principal) inert {
	if len(accounts) == 0 {
		return "nobody"
	}
	return list(each(accounts, principalWords), 0)
}

// The commands that get what a report does not tell.
const (
	gpresultCommand = "gpresult.exe /h gpresult.htm /scope computer /f"
	seceditCommand  = "secedit.exe /export /areas USER_RIGHTS /cfg rights.inf"
)

// absenceWords say why a report has no data for a scope, and the command that gets it.
func absenceWords(r *gpreport.Report, why gpreport.Absence, computer bool) (words inert, ask string) {
	if computer {
		ask = gpresultCommand
	}
	switch {
	case why == gpreport.AccessDenied:
		return "no data: whoever made the report was not allowed to see it", ask
	case why == gpreport.NotReached || r.Incomplete:
		return "not reached: the report ends before it", ""
	}
	return "no data", ask
}

// stateOf tells what a report says about a user right that was asked for by its constant or
// as the report words it.
func stateOf(r *gpreport.Report, asked string) (gpreport.Assignment, gpreport.State) {
	a, state := r.Right(asked)
	if a.Display == "" && r.Computer != nil {
		for _, own := range r.Computer.Rights {
			if own.Right == "" && strings.EqualFold(own.Display, asked) {
				a, state = own, gpreport.DefinedFor
				if len(own.Principals) == 0 {
					state = gpreport.DefinedEmpty
				}
				break
			}
		}
	}
	if a.Display == "" {
		a.Right, a.Display = asked, cmp.Or(gpreport.RightName(asked), asked)
	}
	return a, state
}

// rightStateWords say what a report says of a right, and the command that tells what it does
// not.
func rightStateWords(r *gpreport.Report, a gpreport.Assignment, s gpreport.State) (words inert, ask string) {
	switch s {
	case gpreport.ScopeWithoutData:
		if r.Results == gpreport.Defined {
			return notDefinedWords(r)
		}
	case gpreport.DefinedFor:
		return "defined for " + count(len(a.Principals), "account"), ""
	case gpreport.DefinedEmpty:
		return "defined for nobody: no account has it", ""
	case gpreport.NotDefined:
		return notDefinedWords(r)
	case gpreport.ScopeDenied:
		return "not known: whoever made the report was not allowed to see the computer's data", gpresultCommand
	case gpreport.ReportCutOff:
		return "not known: the report is cut off or damaged, and the missing part may define it", gpresultCommand
	case gpreport.NotUnderstood:
		if a.Unsettled {
			return "defined by several GPOs, and the report does not tell which of them wins", gpresultCommand
		}
		return "not known: a part of the report that may define it was not understood (see the warnings)", seceditCommand
	}
	return "not known: the report has no data for the computer", gpresultCommand
}

// notDefinedWords say what it means that a right is not listed.
func notDefinedWords(r *gpreport.Report) (words inert, ask string) {
	if r.Results == "" && r.Kind == gpreport.SeceditINF {
		return "not listed, and not known what that means: if the file is an export of a computer's own settings, nobody has the right; " +
			"if it is a GPO's template, this GPO does not define it", seceditCommand
	}
	switch r.Results {
	case gpreport.Exported:
		return "held by nobody: the export does not list it", ""
	case gpreport.Defined:
		return "not defined by this GPO", ""
	case gpreport.Modelled:
		return "not defined by any GPO in the simulation: the computer's own settings would decide", seceditCommand
	}
	return "not defined by any GPO: the computer's own settings decide", seceditCommand
}
