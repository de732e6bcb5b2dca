package glpi

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"binnacle/feed"
	"binnacle/model"
)

// host makes a host and an asset of a computer, a printer or a phone.
func (r *reader) host(content, device *node, itemType string) {
	hardware, bios := content.get("hardware"), content.get("bios")
	b := r.batch
	b.Count(plurals[itemType], 1)
	serial := identity("serial", bios.text("ssn"), device.text("serial"), bios.text("enclosureserial"), bios.text("biosserial"), bios.text("msn"))
	known := cmp.Or(hardware.text("name"), device.text("name", "snmphostname", "dnshostname", "netbiosname"))
	key := feed.SlugOf(cmp.Or(known, serial, r.deviceID))
	if key == "" {
		b.Refuse(r.place(content, ""), "the machine has no name, no serial number and no deviceid: it cannot be told from others")
		return
	}
	record := "Host/" + key
	h := &model.Host{
		Meta:         model.Meta{Key: key, Tags: r.tags},
		FQDN:         fullName(content, known),
		Serial:       serial,
		UUID:         identity("uuid", hardware.text("uuid")),
		Manufacturer: cmp.Or(bios.text("smanufacturer"), device.text("manufacturer"), bios.text("mmanufacturer"), bios.text("bmanufacturer")),
		Model:        cmp.Or(bios.text("smodel"), device.text("model"), bios.text("mmodel")),
		LastContact:  r.contact(content),
	}
	if known != key {
		h.Name = known
	}
	if !r.partial {
		h.Type = hostType(content, itemType)
	}
	h.OperatingSystem, h.OSVersion = operatingSystem(content)
	r.network(content, device, record, h)
	r.size(content, device, record, h)
	h.Software = r.software(content, record)
	external := r.deviceID
	if device != nil {
		external = cmp.Or(serial, strings.Join(h.MACs, " "), known)
	}
	var idents []feed.Ident
	if external != "" {
		idents = append(idents, feed.External(external))
	}
	ref := b.Add(h, r.place(content, ""), idents...)
	if hostType(content, itemType) != "virtual" {
		r.asset(ref, serial, h.Manufacturer, h.Model, category(content, itemType), cmp.Or(bios.text("assettag"), device.text("assettag")))
	}
	r.virtualMachines(content, ref, key)
}

var plurals = map[string]string{"computer": "computers", "phone": "phones", "printer": "printers", "storage": "storage systems", "video": "video devices"}

// fullName returns the name of a machine in the domain name system, or nothing where only a short one is known.
func fullName(content *node, known string) string {
	system := content.get("operatingsystem")
	for _, text := range []string{system.text("fqdn"), known, domainName(known, system.text("dns_domain"))} {
		text = strings.ToLower(strings.TrimSuffix(text, "."))
		if strings.Contains(text, ".") && !strings.ContainsAny(text, " /:") && strings.Trim(text, "0123456789.") != "" && !strings.HasPrefix(text, "localhost") {
			return text
		}
	}
	return ""
}

func domainName(host, domain string) string {
	if host == "" || domain == "" {
		return ""
	}
	return host + "." + domain
}

// chassis maps words in the type of the chassis to the sort of machine and what people call it as an asset.
var chassis = []struct {
	word, category string
	sort           model.HostType
}{
	{"notebook", "laptop", "laptop"}, {"laptop", "laptop", "laptop"}, {"portable", "laptop", "laptop"}, {"convertible", "laptop", "laptop"}, {"detachable", "laptop", "laptop"},
	{"tablet", "tablet", "other"}, {"hand held", "phone", "phone"},
	{"server", "server", "physical"}, {"rack", "server", "physical"}, {"blade", "server", "physical"}, {"multi-system", "server", "physical"},
	{"desktop", "desktop", "workstation"}, {"tower", "desktop", "workstation"}, {"all in one", "desktop", "workstation"}, {"mini pc", "desktop", "workstation"},
	{"space-saving", "desktop", "workstation"}, {"stick pc", "desktop", "workstation"}, {"sealed-case", "desktop", "workstation"}, {"lunch box", "desktop", "workstation"},
	{"embedded pc", "appliance", "appliance"}, {"iot gateway", "appliance", "appliance"},
}

// hostType returns what sort of machine it is, as far as the inventory shows.
func hostType(content *node, itemType string) model.HostType {
	switch itemType {
	case "printer", "phone", "storage":
		return model.HostType(itemType)
	case "video":
		return "appliance"
	}
	hardware := content.get("hardware")
	if system := strings.ToLower(hardware.text("vmsystem")); system != "" && system != "physical" {
		return "virtual"
	}
	if strings.Contains(strings.ToLower(hardware.text("chassis_type")+content.get("bios").text("smodel")), "virtual machine") {
		return "virtual"
	}
	shape := strings.ToLower(cmp.Or(hardware.text("chassis_type"), content.get("bios").text("type")))
	for _, c := range chassis {
		if !strings.Contains(shape, c.word) {
			continue
		}
		if c.sort == "physical" && len(content.all("virtualmachines")) > 0 {
			if slices.ContainsFunc(content.all("virtualmachines"), func(vm *node) bool { return !isContainer(vm) }) {
				return "hypervisor"
			}
			return "container_host"
		}
		return c.sort
	}
	return ""
}

// category returns what people call the machine as an asset.
func category(content *node, itemType string) string {
	if itemType != "computer" {
		return itemType
	}
	shape := strings.ToLower(cmp.Or(content.get("hardware").text("chassis_type"), content.get("bios").text("type")))
	for _, c := range chassis {
		if strings.Contains(shape, c.word) {
			return c.category
		}
	}
	return itemType
}

var (
	android       = regexp.MustCompile(`(?i)android\s+([0-9][0-9.]*)`)
	windowsServer = regexp.MustCompile(`(?i)windows(?:\(r\))? server(?:\(r\))?,?\s+(\d{4}(?: R2)?)`)
	windowsClient = regexp.MustCompile(`(?i)windows(?:\(r\))?\s+(\d+(?:\.\d+)?|XP|Vista)\b`)
	inBrackets    = regexp.MustCompile(`\s*\([^()]*\)\s*$`)
)

// operatingSystem returns the name and the version of the operating system in the words that makers use for both.
func operatingSystem(part *node) (name, version string) {
	system := part.get("operatingsystem")
	name, version = system.text("name"), system.text("version")
	if name == "" && system.text("full_name") == "" {
		name, version = part.get("hardware").text("osname"), part.get("hardware").text("osversion")
	}
	full := cmp.Or(system.text("full_name"), name)
	if m := android.FindStringSubmatch(full); m != nil {
		return "Android", m[1]
	}
	if m := windowsServer.FindStringSubmatch(full); m != nil {
		return "Windows Server", m[1]
	}
	if m := windowsClient.FindStringSubmatch(full); m != nil {
		if m[1] == "10" || m[1] == "11" {
			return "Windows", strings.TrimSpace(m[1] + " " + halfYear(version))
		}
		return "Windows", m[1]
	}
	if name == "" {
		name = strings.TrimSpace(strings.TrimSuffix(full, version))
	}
	return name, inBrackets.ReplaceAllString(version, "")
}

// halfYear returns the name of a release of Windows, such as 22H2 or 1909, and leaves out the number of a build.
func halfYear(version string) string {
	if len(version) == 4 {
		return version
	}
	return ""
}

// network fills in the addresses of a machine. Cards that only exist in software
// and those of the remote management are not the machine's own.
func (r *reader) network(content, device *node, record string, h *model.Host) {
	var ips, macs []*node
	for _, card := range content.all("networks") {
		if card.yes("management") {
			continue
		}
		ips = append(append(ips, card.all("ipaddress")...), card.all("ipaddress6")...)
		if !card.yes("virtualdev") {
			macs = append(append(macs, card.all("mac")...), card.all("macaddr")...)
		}
	}
	ips = append(append(append(ips, listed(device, "ips", "ip")...), device.all("ip")...), content.get("hardware").all("ipaddr")...)
	macs = append(macs, device.all("mac")...)
	h.IPs = r.addresses(record, ".networks.ipaddress", ips...)
	h.MACs = r.cards(record, ".networks.mac", macs...)
}

// listed returns the items of a list, which in XML are elements of their own inside another.
func listed(n *node, outer, inner string) []*node {
	var out []*node
	for _, list := range n.all(outer) {
		if items := list.all(inner); len(items) > 0 {
			out = append(out, items...)
		} else {
			out = append(out, list)
		}
	}
	return out
}

// size fills in processors, memory and disks.
func (r *reader) size(content, device *node, record string, h *model.Host) {
	cores := 0.0
	for _, cpu := range content.all("cpus") {
		cores += max(r.number(cpu, "core", record, "cpus"), r.number(cpu, "corecount", record, "cpus"), 1)
	}
	if cores == 0 {
		cores = r.number(content.get("hardware"), "processorn", record, "cpus")
	}
	h.CPUs = int(min(cores, 1<<20))
	memory := r.number(content.get("hardware"), "memory", record, "memory")
	if memory == 0 {
		for _, module := range content.all("memories") {
			memory += r.number(module, "capacity", record, "memory")
		}
	}
	if memory == 0 {
		memory = max(r.number(device, "ram", record, "memory"), r.number(device, "memory", record, "memory"))
	}
	h.Memory = gibibytes(memory)
	disk := 0.0
	for _, storage := range content.all("storages") {
		kind := strings.ToLower(storage.text("type") + " " + storage.text("description") + " " + storage.text("interface"))
		if !strings.Contains(kind, "cd") && !strings.Contains(kind, "dvd") && !strings.Contains(kind, "removable") && !strings.Contains(kind, "usb") {
			// Makers of disks count in powers of ten, and so does the agent.
			disk += r.number(storage, "disksize", record, "disk") * 1e6 / (1 << 20)
		}
	}
	if disk == 0 {
		for _, drive := range content.all("drives") {
			if !remoteFilesystems[strings.ToLower(drive.text("filesystem"))] && !strings.Contains(drive.text("volumn"), ":/") {
				disk += r.number(drive, "total", record, "disk")
			}
		}
	}
	h.Disk = gibibytes(disk)
}

var remoteFilesystems = map[string]bool{"nfs": true, "nfs4": true, "cifs": true, "smbfs": true, "tmpfs": true, "overlay": true, "iso9660": true, "cdfs": true, "squashfs": true}

// software lists the packages of a machine in order, each once.
func (r *reader) software(content *node, record string) []model.InstalledSoftware {
	var out []model.InstalledSoftware
	for i, s := range content.all("softwares") {
		r.batch.Count("softwares", 1)
		row := model.InstalledSoftware{Name: s.text("name", "guid"), Version: s.text("version"), Publisher: s.text("publisher")}
		if row.Name == "" {
			r.batch.RefuseRecord(r.place(s, ".softwares[%d].name", i), record, "software", "the package has no name")
			continue
		}
		if text := s.text("install_date", "installdate"); text != "" {
			day, err := installed(text)
			if err != nil {
				r.batch.RefuseRecord(r.place(s, ".softwares[%d].install_date", i), record, "software", err.Error()+"; the package was taken without it")
			}
			row.Installed = day
		}
		out = append(out, row)
	}
	for _, s := range content.all("databases_services") {
		if row := (model.InstalledSoftware{Name: s.text("type", "name"), Version: s.text("version"), Publisher: s.text("manufacturer")}); row.Name != "" {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b model.InstalledSoftware) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.Installed, b.Installed))
	})
	return slices.Compact(out)
}

// installed reads a day as the agents write it: the year first, or the day first with slashes.
func installed(text string) (model.Date, error) {
	if at, err := time.Parse("02/01/2006", text); err == nil {
		return model.DateOf(at), nil
	}
	day, err := model.ParseDate(text)
	if err == nil && day <= 0 {
		err = fmt.Errorf("%q is not a date: write it as 2027-06-30", text)
	}
	return max(day, 0), err
}

// noTag matches what makers write on a machine that has no label of the company.
var noTag = regexp.MustCompile(`(?i)asset|release-keys|dev-keys|^7783-7084-3265|^no |tag|o\.e\.m\.|12345|^[^0-9]*$`)

// asset proposes the piece of hardware that a machine is, where its serial number tells it from others.
func (r *reader) asset(is model.Ref, serial, manufacturer, name, category, label string) {
	if serial == "" {
		return
	}
	a := &model.Asset{Meta: model.Meta{Key: feed.SlugOf(serial)}, Serial: serial, Manufacturer: manufacturer, Model: name, Category: category, Is: is}
	if a.Key == "" {
		return
	}
	if label = identity("inventory", label); !noTag.MatchString(label) {
		a.InventoryNumber = label
	}
	r.batch.Add(a, r.place(nil, ""), feed.External("asset:"+serial))
}

// isContainer reports whether what is listed among the virtual machines shares the kernel of its host.
func isContainer(vm *node) bool {
	switch strings.ToLower(vm.text("vmtype", "subsystem")) {
	case "docker", "podman", "lxc", "lxd", "openvz", "virtuozzo", "jail", "wsl", "systemd-nspawn", "solariszone":
		return true
	}
	return vm.text("image") != ""
}

// virtualMachines proposes the virtual machines of a host. Where only a name is
// known, an existing record is left as it is.
func (r *reader) virtualMachines(content *node, on model.Ref, hostKey string) {
	taken := map[string]bool{}
	for i, vm := range content.all("virtualmachines") {
		r.batch.Count("virtual machines", 1)
		known := vm.text("name")
		slug := feed.SlugOf(known)
		where := r.place(vm, ".virtualmachines[%d]", i)
		if slug == "" {
			r.batch.Refuse(where, "the virtual machine has no name")
			continue
		}
		h := &model.Host{Meta: model.Meta{Key: slug, Name: known}, Type: "virtual", RunsOn: on, UUID: identity("uuid", vm.text("uuid")), Serial: identity("serial", vm.text("serial")), Status: vm.text("status")}
		if h.UUID == "" || isContainer(vm) {
			h.Key = hostKey + "/" + slug
		}
		if taken[h.Key] {
			h.Key = fmt.Sprintf("%s-%s", h.Key, feed.SlugOf(cmp.Or(h.UUID, h.Serial, fmt.Sprint(i+1))))
		}
		taken[h.Key] = true
		record := "Host/" + h.Key
		h.MACs = r.cards(record, fmt.Sprintf(".virtualmachines[%d].mac", i), vm.all("mac")...)
		h.IPs = r.addresses(record, fmt.Sprintf(".virtualmachines[%d].ipaddress", i), vm.all("ipaddress")...)
		h.CPUs = int(min(r.number(vm, "vcpu", record, "cpus"), 1<<20))
		h.Memory = gibibytes(r.number(vm, "memory", record, "memory"))
		h.OperatingSystem, h.OSVersion = operatingSystem(&node{parts: map[string][]*node{"operatingsystem": vm.all("operatingsystem")}})
		if kind := strings.ToLower(vm.text("vmtype")); kind != "" {
			h.Tags = []string{kind}
		}
		ident := feed.External(cmp.Or(r.deviceID, hostKey) + "/" + cmp.Or(h.UUID, known))
		if h.UUID == "" && h.Serial == "" && len(h.MACs) == 0 && h.CPUs == 0 && h.Memory == 0 && h.Status == "" {
			r.batch.Mention(h, where, ident)
		} else {
			r.batch.Add(h, where, ident)
		}
	}
}
