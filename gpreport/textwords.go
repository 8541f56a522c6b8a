package gpreport

import (
	_ "embed"
	"sync"
)

//go:embed textlabels.txt
var textLabelsText string

// textWords finds the words of gpresult's text.
var textWords = sync.OnceValue(func() *vocabulary { return parseVocabulary(textLabelsText) })
