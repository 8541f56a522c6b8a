package gpreport

import (
	"regexp"
	"strings"
)

// markupHead bounds how much of a text is searched for the root of XML.
const markupHead = 64 << 10

// reportElement finds the start of a report in XML, which may stand in others; prefixes are
// free to choose.
var reportElement = regexp.MustCompile(`<(?:[\pL_][\pL\pN_.-]*:)?(?:Rsop|GPO)[\s>/]`)

// policyNamespace is what the namespaces of all reports in XML begin with.
const policyNamespace = "http://www.microsoft.com/GroupPolicy/"

// isXML reports whether text is XML with reports, or what is left of it: its root has the name
// of one, or is no page and has one within.
func isXML(text string) bool {
	head := text[:min(len(text), markupHead)]
	switch root := rootName(head); {
	case root == "rsop" || root == "gpo":
		return true
	case root == "" || root == "html":
		return false
	}
	return strings.Contains(head, policyNamespace) && reportElement.MatchString(head)
}

// rootName returns the name of the first element without its prefix and in lower case. It
// steps over the XML declaration and comments.
func rootName(head string) string {
	tag := rootTag(head)
	name, _, _ := strings.Cut(strings.TrimRight(tag, ">/"), " ")
	return strings.ToLower(name[strings.IndexByte(name, ':')+1:])
}

// rootTag returns the first start tag without its "<", folded to one line.
func rootTag(head string) string {
	for {
		i := strings.IndexByte(head, '<')
		if i < 0 {
			return ""
		}
		head = head[i+1:]
		end := ">"
		switch {
		case strings.HasPrefix(head, "?"):
			end = "?>"
		case strings.HasPrefix(head, "!--"):
			end = "-->"
		case strings.HasPrefix(head, "!"):
		default:
			tag, _, _ := strings.Cut(head, ">")
			return strings.Join(strings.Fields(tag), " ")
		}
		if i = strings.Index(head, end); i < 0 {
			return ""
		}
		head = head[i+len(end):]
	}
}
