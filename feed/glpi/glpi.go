// Package glpi reads the inventories that the agent of GLPI writes as JSON, and
// those that its predecessors FusionInventory and OCS Inventory write as XML.
package glpi

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "glpi"

// Format reads what machines report of themselves.
var Format = feed.Format{
	Name:   name,
	Label:  "GLPI inventory",
	Help:   "A computer, a printer or a phone becomes a host and an asset, a switch or a router becomes a network device and an asset. Virtual machines become hosts of their own.",
	Rank:   50,
	Detect: detect,
	Read:   read,
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 1 << 20

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 {
		return 0
	}
	if text[0] == '<' {
		if kit.RootElement(text) == "REQUEST" && bytes.Contains(text, []byte("<CONTENT")) {
			return 90
		}
		return 0
	}
	names := kit.Members(text)
	if !names["content"] {
		return 0
	}
	if names["deviceid"] && (names["itemtype"] || names["action"] || names["partial"]) {
		return 95
	}
	for _, section := range []string{`"versionclient"`, `"hardware"`, `"network_device"`} {
		if bytes.Contains(text, []byte(section)) {
			return 80
		}
	}
	return 0
}

// reader makes records of one inventory.
type reader struct {
	batch    *feed.Batch
	deviceID string
	partial  bool
	tags     []string
	path     string
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	if len(trimmed) == 0 {
		return fmt.Errorf("the content is empty")
	}
	parse := parseJSON
	if trimmed[0] == '<' {
		parse = parseXML
	}
	root, err := parse(text, b.Limits)
	if err != nil {
		return err
	}
	content := root.get("content")
	if content == nil || content.parts == nil {
		return fmt.Errorf("there is no content in the inventory: the agent has sent only its name")
	}
	r := &reader{batch: b, deviceID: root.text("deviceid"), partial: root.yes("partial"), path: "content"}
	if tag := root.text("tag"); tag != "" {
		r.tags = []string{tag}
	}
	b.Source = model.Source{
		Meta: model.Meta{Key: name, Name: "GLPI inventory"}, Format: name, Serial: r.deviceID,
		Release:   cmp.Or(content.text("versionclient", "moduleversion"), root.text("versionclient")),
		Describes: cmp.Or(content.get("hardware").text("name"), content.get("network_device").text("name"), r.deviceID),
		Produced:  r.contact(content),
	}
	if devices := content.all("device"); len(devices) > 0 {
		return r.devices(ctx, devices)
	}
	return r.item(content, strings.ToLower(root.text("itemtype")))
}

// devices reads the devices that a scan of the network by the older agents has found.
func (r *reader) devices(ctx context.Context, devices []*node) error {
	for i, d := range devices {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.path = fmt.Sprintf("content.device[%d]", i)
		info := d.get("info")
		if info == nil {
			info = d
		}
		if d.get("error") != nil && d.get("info") == nil {
			r.batch.Note("%s: the agent could not read the device: %s", r.path, d.get("error").text("message"))
			continue
		}
		d.add("network_device", info)
		for _, port := range listed(d, "ports", "port") {
			d.add("network_ports", port)
		}
		if err := r.item(d, ""); err != nil {
			return err
		}
	}
	return nil
}

// item reads one machine of the type that the inventory says or that its content shows.
func (r *reader) item(content *node, itemType string) error {
	if len(r.batch.Items) >= r.batch.Limits.Items {
		return fmt.Errorf("the content proposes more than %d records: split it", r.batch.Limits.Items)
	}
	device := content.get("network_device")
	if itemType == "" || itemType == "unmanaged" {
		switch strings.ToLower(device.text("type")) {
		case "networking", "power", "kvm":
			itemType = "networkequipment"
		case "printer", "phone", "storage", "video":
			itemType = strings.ToLower(device.text("type"))
		default:
			itemType = "computer"
			if device != nil && content.get("hardware") == nil && device.text("type") == "" && len(content.all("network_ports")) > 1 {
				itemType = "networkequipment"
			}
		}
	}
	switch itemType {
	case "networkequipment":
		r.networkDevice(content, device)
	case "computer", "phone", "printer", "storage", "video":
		r.host(content, device, itemType)
	default:
		r.batch.Note("%s: things of the type %q are not read.", r.path, itemType)
	}
	return nil
}

// place returns the place of a node, whose path continues that of the machine.
func (r *reader) place(n *node, path string, args ...any) feed.Where {
	path = r.path + fmt.Sprintf(path, args...)
	if n == nil {
		return r.batch.At(0, 0, path)
	}
	return r.batch.At(n.line, n.column, path)
}

// number reads a number that is not negative and not beyond all reason. What is none is refused and counts as nothing.
func (r *reader) number(n *node, member, record, field string) float64 {
	text := n.text(member)
	if text == "" {
		return 0
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != value || value > 1e12 {
		r.batch.RefuseRecord(r.place(n.get(member), "."+member), record, field, fmt.Sprintf("%.40q is not a sensible number", text))
		return 0
	}
	return max(value, 0)
}

// addresses reads IP addresses. Those that every machine has, such as 127.0.0.1, say nothing and are left out.
func (r *reader) addresses(record, path string, nodes ...*node) []string {
	var out []string
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for text := range strings.FieldsFuncSeq(kit.Clean(n.value), func(c rune) bool { return strings.ContainsRune(" ,;\n\t", c) }) {
			bare, _, _ := strings.Cut(text, "/")
			ip, err := netip.ParseAddr(bare)
			if err != nil {
				r.batch.RefuseRecord(r.place(n, "%s", path), record, "ips", fmt.Sprintf("%.60q is not an IP address", text))
				continue
			}
			if ip = ip.WithZone("").Unmap(); ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() {
				continue
			}
			out = append(out, ip.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sharedCards are addresses that software gives to network cards of many machines alike.
var sharedCards = []string{"00:50:56:c0:00:01", "00:50:56:c0:00:08", "00:53:45:00:00:00", "20:41:53:59:4e:ff", "02:00:4c:4f:4f:50", "33:50:6f:45:30:30", "50:50:54:50:30:30"}

// cards reads hardware addresses. Those that are no identity are left out.
func (r *reader) cards(record, path string, nodes ...*node) []string {
	var out []string
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for text := range strings.FieldsFuncSeq(kit.Clean(n.value), func(c rune) bool { return strings.ContainsRune(" ,;/\n\t", c) }) {
			mac, err := net.ParseMAC(text)
			if err != nil {
				r.batch.RefuseRecord(r.place(n, "%s", path), record, "macs", fmt.Sprintf("%.60q is not the address of a network card", text))
				continue
			}
			if known := mac.String(); feed.Normal("mac", known) != "" && !slices.Contains(sharedCards, known) {
				out = append(out, known)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// contact returns when the machine was asked. The agent writes the time of the machine's own clock.
func (r *reader) contact(content *node) model.Time {
	text := cmp.Or(content.get("accesslog").text("logdate"), content.get("hardware").text("lastdate"))
	at, err := model.ParseTime(text)
	if err != nil {
		return 0
	}
	zone, err := time.Parse("-0700", content.get("operatingsystem").get("timezone").text("offset"))
	if err != nil {
		return at
	}
	_, east := zone.Zone()
	return at - model.Time(east)*1000
}

// identity returns a text that identifies a thing, or nothing where makers write it where there is none.
func identity(sort string, texts ...string) string {
	for _, text := range texts {
		if feed.Normal(sort, text) != "" {
			return text
		}
	}
	return ""
}

// gibibytes turns mebibytes into gibibytes, to hundredths.
func gibibytes(mebibytes float64) float64 { return float64(int64(mebibytes/1024*100+0.5)) / 100 }
