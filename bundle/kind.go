package bundle

// Kind is what an input is, told by its content.
type Kind string

// The kinds.
const (
	// EVTX is an event log of Windows Vista or later.
	EVTX Kind = "evtx"
	// EVTXChunk is part of an event log: it begins with a chunk, without the file header.
	EVTXChunk Kind = "evtx-chunk"
	// EVT is an event log of Windows XP or Server 2003.
	EVT Kind = "evt"
	// MTA holds the texts of the events of an archived log, in LocaleMetaData beside it.
	MTA Kind = "mta"
	// EventXML is an event log that was saved as XML.
	EventXML Kind = "event-xml"

	// GPResultHTML is a report of gpresult /H or of Group Policy Results or Modeling.
	GPResultHTML Kind = "gpresult-html"
	// GPResultXML is a report of gpresult /X or of Group Policy Results or Modeling.
	GPResultXML Kind = "gpresult-xml"
	// GPResultText is the output of gpresult /R, /V or /Z.
	GPResultText Kind = "gpresult-text"
	// GPOHTML is a report about one or more GPOs: what they define, not what was applied.
	GPOHTML Kind = "gpo-html"
	// GPOXML is the same in XML.
	GPOXML Kind = "gpo-xml"
	// SeceditINF is a security template, as secedit /export and GPOs (GptTmpl.inf) hold it.
	SeceditINF Kind = "secedit-inf"

	// RegExport is a registry export as text.
	RegExport Kind = "reg-export"
	// RegHive is a registry hive file.
	RegHive Kind = "reg-hive"
	// SCText is the output of sc qc, sc query and their like.
	SCText Kind = "sc-text"
	// WhoamiText is the output of whoami /all, /user or /groups.
	WhoamiText Kind = "whoami-text"
	// ServiceList is a list of services with their accounts, as Win32_Service or Get-Service
	// give it, as CSV or one property a line.
	ServiceList Kind = "service-list"
	// ErrorNote is the error that a tool left in a file in place of its output.
	ErrorNote Kind = "error-note"

	// Zip is an archive whose members are inputs of their own.
	Zip Kind = "zip"
	// The other archives are recognised but not read.
	Tar      Kind = "tar"
	Gzip     Kind = "gzip"
	Bzip2    Kind = "bzip2"
	XZ       Kind = "xz"
	Zstd     Kind = "zstd"
	SevenZip Kind = "7z"
	Cab      Kind = "cab"
	Rar      Kind = "rar"
	// OfficeDocument is a Word, Excel or similar document, which is a zip file inside.
	OfficeDocument Kind = "office-document"

	// Directory is a folder. It is only listed when something is wrong with it.
	Directory Kind = "directory"
	// Empty is a file without content.
	Empty Kind = "empty"
	// Unknown is anything else.
	Unknown Kind = "unknown"
)

var descriptions = map[Kind]string{
	EVTX:           "event log",
	EVTXChunk:      "part of an event log, without its file header",
	EVT:            "event log in the format of Windows XP and Server 2003",
	MTA:            "texts of the events of an archived log",
	EventXML:       "event log saved as XML",
	GPResultHTML:   "Group Policy Results report",
	GPResultXML:    "Group Policy Results report in XML",
	GPResultText:   "output of gpresult",
	GPOHTML:        "report about a GPO",
	GPOXML:         "report about a GPO in XML",
	SeceditINF:     "security template",
	RegExport:      "registry export",
	RegHive:        "registry hive",
	SCText:         "output of sc about services",
	WhoamiText:     "output of whoami",
	ServiceList:    "list of services",
	ErrorNote:      "error of a tool in place of its output",
	Zip:            "zip archive",
	Tar:            "tar archive",
	Gzip:           "gzip file",
	Bzip2:          "bzip2 file",
	XZ:             "xz file",
	Zstd:           "zstd file",
	SevenZip:       "7z archive",
	Cab:            "cabinet archive",
	Rar:            "rar archive",
	OfficeDocument: "Office document",
	Directory:      "folder",
	Empty:          "empty file",
	Unknown:        "unrecognised file",
}

// Description says what the kind is, in a few words for people.
func (k Kind) Description() string {
	if d, ok := descriptions[k]; ok {
		return d
	}
	return string(k)
}

// isForeignArchive reports whether k holds files that this package cannot take out.
func (k Kind) isForeignArchive() bool {
	switch k {
	case Tar, Gzip, Bzip2, XZ, Zstd, SevenZip, Cab, Rar:
		return true
	}
	return false
}

// isKept reports whether the content of a member of this kind is kept. Other members, which
// are the most and the largest, are only hashed.
func (k Kind) isKept() bool {
	switch k {
	case Empty, Unknown, OfficeDocument:
		return false
	}
	return !k.isForeignArchive()
}
