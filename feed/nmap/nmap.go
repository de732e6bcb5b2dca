// Package nmap reads the XML that the network scanner nmap writes with its option -oX.
package nmap

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "nmap"

// Format reads what a scan of the network has found.
var Format = feed.Format{
	Name:   name,
	Label:  "nmap scan",
	Help:   "Machines that answered become hosts, with their addresses, open ports and the operating system where the scanner is sure enough.",
	Rank:   30,
	Detect: detect,
	Read:   read,
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 64 << 10

func detect(data []byte) int {
	if kit.RootElement(kit.Glance(data, glance)) == "nmaprun" {
		return 95
	}
	return 0
}

// scan is what is read of one content.
type scan struct {
	batch    *feed.Batch
	dec      *xml.Decoder
	hosts    []*found
	produced model.Time
	finished bool
}

// found is one machine that the scanner tried.
type found struct {
	where     feed.Where
	state     string
	ips, macs []string
	vendor    string
	ptr, user string
	ports     []model.OpenPort
	match     guess
	class     guess
	tied      bool
	contact   model.Time
}

// guess is what the scanner thinks that the operating system is.
type guess struct {
	name, version, device string
	accuracy              int
}

// sure is the accuracy, in percent, from which a guess is taken.
const sure = 85

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "nmap"}, Format: name}
	s := &scan{batch: b, dec: kit.NewXML(text)}
	if err := s.run(ctx); err != nil {
		return err
	}
	b.Source.Produced = s.produced
	for _, h := range s.hosts {
		if h.contact.IsZero() {
			h.contact = s.produced
		}
	}
	if !s.finished {
		b.Note("The scan did not finish: the file ends before its summary. The hosts that are complete were read.")
	}
	propose(b, merged(s.hosts))
	return nil
}

// run reads the elements of the content. What is complete is kept where the content breaks off.
func (s *scan) run(ctx context.Context) error {
	depth := 0
	for {
		tok, err := s.dec.Token()
		if err != nil {
			return s.broken(err, depth)
		}
		switch tok := tok.(type) {
		case xml.Directive:
			if err := checkDirective(tok); err != nil {
				return s.at(err)
			}
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			if depth == 1 {
				if tok.Name.Local != "nmaprun" {
					return s.at(fmt.Errorf("the element is called %s: a scan of nmap starts with nmaprun", tok.Name.Local))
				}
				s.start(tok)
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if depth == 2 && tok.Name.Local == "host" {
				if len(s.hosts) >= s.batch.Limits.Items {
					return s.at(fmt.Errorf("there are more than %d hosts: split the scan", s.batch.Limits.Items))
				}
				if err := s.host(tok); err != nil {
					return s.broken(err, depth)
				}
				depth--
				continue
			}
			if depth > s.batch.Limits.Depth {
				return s.at(errTooDeep)
			}
			if depth == 3 && tok.Name.Local == "finished" {
				s.finished = attr(tok, "exit") != "error"
				s.produced = max(s.produced, moment(attr(tok, "time")))
			}
		}
	}
}

var errTooDeep = errors.New("elements are nested too deeply")

// at adds the place in the content to an error.
func (s *scan) at(err error) error {
	line, column := s.dec.InputPos()
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// broken decides what an error in the middle of the content means: hosts that
// were read before are kept, and nothing at all is an error.
func (s *scan) broken(err error, depth int) error {
	if errors.Is(err, io.EOF) && depth == 0 && s.batch.Source.Release != "" {
		return nil
	}
	if errors.Is(err, errTooDeep) || errors.Is(err, kit.ErrDoctype) {
		return s.at(err)
	}
	half := kit.EndsEarly(err)
	switch {
	case half && s.batch.Source.Release != "":
		s.finished = false
		return nil
	case half:
		return errors.New("the content ends before the scan starts")
	case len(s.hosts) > 0:
		line, column := s.dec.InputPos()
		s.batch.Refuse(s.batch.At(line, column, fmt.Sprintf("host[%d]", len(s.hosts))), "everything from here on was left out: the XML is broken: %v", err)
		s.finished = true
		return nil
	}
	return s.at(fmt.Errorf("the content is not XML that can be read: %w", err))
}

// start reads the element that everything else is in.
func (s *scan) start(run xml.StartElement) {
	b := s.batch
	b.Source.Release = attr(run, "version")
	if b.Source.Release == "" {
		b.Source.Release = "unknown"
	}
	b.Source.Serial = attr(run, "start")
	b.Source.Describes = attr(run, "args")
	s.produced = moment(attr(run, "start"))
}

// host reads one machine up to its end.
func (s *scan) host(start xml.StartElement) error {
	line, column := s.dec.InputPos()
	h := &found{where: s.batch.At(line, column, fmt.Sprintf("host[%d]", len(s.hosts))), contact: moment(attr(start, "endtime"))}
	var port *openPort
	for depth := 1; depth > 0; {
		tok, err := s.dec.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return kit.ErrDoctype
		case xml.EndElement:
			depth--
			if tok.Name.Local == "port" {
				s.addPort(h, port)
				port = nil
			}
		case xml.StartElement:
			if depth++; depth+1 > s.batch.Limits.Depth {
				return errTooDeep
			}
			switch tok.Name.Local {
			case "port":
				port = &openPort{protocol: strings.ToLower(attr(tok, "protocol")), number: attr(tok, "portid")}
			case "state":
				if port != nil {
					port.state = attr(tok, "state")
				}
			case "service":
				if port != nil {
					port.service(tok)
				}
			default:
				s.detail(h, tok)
			}
		}
	}
	s.hosts = append(s.hosts, h)
	return nil
}

// detail reads one element of a host that is not about a port.
func (s *scan) detail(h *found, e xml.StartElement) {
	switch e.Name.Local {
	case "status":
		h.state = attr(e, "state")
	case "address":
		s.address(h, e)
	case "hostname":
		known := strings.ToLower(strings.TrimSuffix(attr(e, "name"), "."))
		if attr(e, "type") == "PTR" && h.ptr == "" {
			h.ptr = known
		} else if h.user == "" {
			h.user = known
		}
	case "osmatch":
		accuracy, _ := strconv.Atoi(attr(e, "accuracy"))
		if accuracy >= sure && accuracy > h.match.accuracy {
			h.match = guess{accuracy: accuracy}
			h.match.name, h.match.version = kit.SplitVersion(attr(e, "name"))
		}
	case "osclass":
		h.classify(e)
	}
}

// classify reads a class of operating systems. Where two classes are equally likely and differ, neither is believed.
func (h *found) classify(e xml.StartElement) {
	accuracy, _ := strconv.Atoi(attr(e, "accuracy"))
	if accuracy < sure || accuracy < h.class.accuracy {
		return
	}
	g := guess{name: attr(e, "osfamily"), version: attr(e, "osgen"), device: attr(e, "type"), accuracy: accuracy}
	if accuracy > h.class.accuracy {
		h.class, h.tied = g, false
		return
	}
	if g.version != h.class.version {
		h.class.version = ""
	}
	if g.name != h.class.name || g.device != h.class.device {
		h.tied = true
	}
}

// moment reads seconds since 1970. What is no such number is no moment.
func moment(text string) model.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return 0
	}
	return model.TimeOf(time.Unix(seconds, 0))
}
