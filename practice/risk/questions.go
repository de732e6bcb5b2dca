package risk

import (
	"binnacle/estate"
	"binnacle/model"
)

// deliveredNumbers are questions about the history of technology whose answers are numbers, for an estate that has no questions of its own.
var deliveredNumbers = []struct {
	key, question string
	number        float64
	unit          string
}{
	{"moores-law", "In which year did Gordon Moore publish the article that Moore's law comes from?", 1965, "year"},
	{"arpanet", "In which year was the first message sent over the ARPANET?", 1969, "year"},
	{"intel-4004", "In which year was the microprocessor Intel 4004 announced?", 1971, "year"},
	{"ibm-pc", "In which year was the first IBM Personal Computer announced?", 1981, "year"},
	{"macintosh", "In which year was the first Apple Macintosh sold?", 1984, "year"},
	{"world-wide-web", "In which year did Tim Berners-Lee write his first proposal for what became the World Wide Web?", 1989, "year"},
	{"linux", "In which year did Linus Torvalds announce Linux?", 1991, "year"},
	{"ipv4", "In which year was RFC 791, the Internet Protocol version 4, published?", 1981, "year"},
	{"ipv6-bits", "How many bits has an IPv6 address?", 128, "bits"},
	{"unix-epoch", "In which year does Unix begin to count time?", 1970, "year"},
	{"google", "In which year was the company Google founded?", 1998, "year"},
	{"wikipedia", "In which year did Wikipedia begin?", 2001, "year"},
	{"iphone", "In which year was the first iPhone sold?", 2007, "year"},
	{"go-language", "In which year was the programming language Go announced?", 2009, "year"},
	{"git", "In which year did Linus Torvalds begin to write Git?", 2005, "year"},
	{"amazon-s3", "In which year did Amazon offer the storage service S3 first?", 2006, "year"},
	{"sputnik", "In which year was Sputnik 1 launched?", 1957, "year"},
	{"transistor", "In which year was the first transistor shown at Bell Labs?", 1947, "year"},
	{"shannon", "In which year was Claude Shannon's A Mathematical Theory of Communication published?", 1948, "year"},
	{"facebook", "In which year did Facebook begin?", 2004, "year"},
	{"heartbleed", "In which year was the flaw Heartbleed in OpenSSL made public?", 2014, "year"},
	{"wannacry", "In which year did the ransomware WannaCry spread?", 2017, "year"},
	{"gdpr", "From which year on does the General Data Protection Regulation apply?", 2018, "year"},
	{"morris-worm", "In which year did the Morris worm spread?", 1988, "year"},
	{"ascii", "How many codes has ASCII?", 128, "codes"},
	{"aes", "In which year did the Advanced Encryption Standard become a federal standard of the United States?", 2001, "year"},
	{"des", "In which year did the Data Encryption Standard become a federal standard of the United States?", 1977, "year"},
	{"at-sign", "In which year did Ray Tomlinson send the first e-mail between two computers of the ARPANET?", 1971, "year"},
	{"java", "In which year was version 1.0 of Java released?", 1996, "year"},
	{"python", "In which year was Python first released?", 1991, "year"},
	{"deep-blue", "In which year did Deep Blue win a match against the chess champion Garry Kasparov?", 1997, "year"},
	{"alphago", "In which year did AlphaGo win against Lee Sedol?", 2016, "year"},
	{"https-port", "What is the standard port number of HTTPS?", 443, "port"},
	{"moon", "In which year did people first land on the Moon?", 1969, "year"},
}

// deliveredClaims are claims about the history of technology that hold or do not.
var deliveredClaims = []struct {
	key, claim string
	holds      bool
}{
	{"eniac-transistor", "ENIAC was shown to the public before the first transistor was.", true},
	{"linux-windows-95", "Linux is older than Windows 95.", true},
	{"ipv6-64", "An IPv6 address is 64 bits long.", false},
	{"http-smtp", "HTTP is older than SMTP.", false},
	{"unix-bell", "The first version of Unix was written at Bell Labs.", true},
	{"smtp-25", "The standard port of SMTP between mail servers is 25.", true},
	{"c-cpp", "C++ is older than C.", false},
	{"amazon-google", "Amazon was founded before Google.", true},
	{"web-mit", "The World Wide Web was invented at the Massachusetts Institute of Technology.", false},
	{"lovelace", "Ada Lovelace wrote about Charles Babbage's Analytical Engine.", true},
	{"intel-8086", "The Intel 8086 is a processor of 16 bits.", true},
	{"app-store", "The App Store was there when the first iPhone was sold.", false},
	{"md5", "MD5 makes a digest of 160 bits.", false},
	{"voyager", "Voyager 1 was launched before Voyager 2.", false},
	{"bitcoin", "The first block of Bitcoin was mined in 2009.", true},
	{"twitter", "Twitter is older than Facebook.", false},
	{"gdpr-directive", "The General Data Protection Regulation took the place of Directive 95/46/EC.", true},
	{"postgres", "PostgreSQL comes from a project of the University of California at Berkeley.", true},
	{"ssh-23", "The standard port of SSH is 23.", false},
	{"sha-256", "SHA-256 makes a digest of 32 bytes.", true},
}

// questionsOf returns the questions of calibration: those of the estate, and where it has none the delivered ones.
func questionsOf(v estate.View) []*model.CalibrationQuestion {
	var out []*model.CalibrationQuestion
	for q := range estate.Each[*model.CalibrationQuestion](v) {
		out = append(out, q)
	}
	if len(out) == 0 {
		return deliveredQuestions()
	}
	return out
}

// deliveredQuestions returns the delivered questions, numbers first.
func deliveredQuestions() []*model.CalibrationQuestion {
	var out []*model.CalibrationQuestion
	for _, d := range deliveredNumbers {
		q := &model.CalibrationQuestion{Question: d.question, Type: model.CalibrationRangeType, Number: d.number, Unit: d.unit}
		q.Key = d.key
		out = append(out, q)
	}
	for _, d := range deliveredClaims {
		q := &model.CalibrationQuestion{Question: d.claim, Type: model.CalibrationClaimType, Holds: d.holds}
		q.Key = d.key
		out = append(out, q)
	}
	return out
}
