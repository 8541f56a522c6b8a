package gpreport

import "strings"

// sniffXML tells the XML formats by their root element and its namespace; ""
// means that text is none of them.
func sniffXML(text string) Kind {
	root := rootTag(text[:min(len(text), 8192)])
	name, _, _ := strings.Cut(strings.TrimRight(root, ">/"), " ")
	if i := strings.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "rsop":
		return GPResultXML
	case "gpo":
		return GPOReportXML
	case "report": // several GPOs in one file
		if strings.Contains(text[:min(len(text), 8192)], "www.microsoft.com/GroupPolicy/Settings") {
			return GPOReportXML
		}
	}
	return ""
}

// rootTag returns the first start tag without its "<", folded to one line. It
// steps over the XML declaration and comments.
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
