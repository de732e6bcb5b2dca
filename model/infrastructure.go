package model

// Host is a machine that runs software: a server, a virtual machine, a laptop.
type Host struct {
	Meta
	Lifecycle
	// Type says what sort of machine it is.
	Type HostType
	// Environment says what it is used for.
	Environment Environment
	// FQDN is its full name in the domain name system. It is unique.
	FQDN string `name:"fqdn" ident:"fqdn"`
	// Serial is the serial number of the maker. It is unique.
	Serial string `ident:"serial"`
	// MACs are the addresses of its network cards. Each is unique.
	MACs []string `name:"macs" ident:"mac"`
	// IPs are its addresses.
	IPs []string `name:"ips" format:"ip"`
	// UUID is the identifier of the machine in its firmware or hypervisor. It is unique.
	UUID string `name:"uuid" ident:"uuid"`
	// Manufacturer is the maker of the machine.
	Manufacturer string
	// Model is the maker's name of the machine.
	Model string
	// OperatingSystem is the name of the operating system, such as Debian or Windows Server.
	OperatingSystem string
	// OSVersion is the version of the operating system, such as 12.4 or 2019.
	OSVersion string
	// Runs are the technologies on it apart from the operating system, each with its version.
	Runs []TechnologyUse
	// Software are the packages that an inventory found on it.
	Software []InstalledSoftware
	// Ports are the network ports on which something answers.
	Ports []OpenPort
	// Site is where it stands.
	Site Ref `to:"Site" back:"hosts" flow:"needs"`
	// Rack is the rack that it stands in.
	Rack string
	// RunsOn is the host or cloud account that it is a virtual machine of.
	RunsOn Ref `to:"Host,CloudAccount" back:"virtual machines" flow:"needs"`
	// Network are the network devices that it reaches everything else through.
	Network []Ref `to:"NetworkDevice" back:"connects hosts" flow:"needs" needed:"NetworkNeeded"`
	// NetworkNeeded is how many of these network devices must work. Unset means all.
	NetworkNeeded int `min:"0"`
	// CPUs is how many processor cores it has.
	CPUs int `name:"cpus" min:"0"`
	// Sockets is how many physical processors it has. Licences that count by processor take it for one where it is unset.
	Sockets int `min:"0"`
	// Memory is its main memory.
	Memory float64 `min:"0" unit:"GiB"`
	// Disk is the sum of its disks.
	Disk float64 `min:"0" unit:"GiB"`
	// Availability is the share of time that the machine itself works, in percent.
	Availability Percent `min:"0" max:"100" unit:"%"`
	// Status is what its inventory says of it, such as active or offline.
	Status string
	// LastContact is when the machine last answered.
	LastContact Time
}

// InstalledSoftware is a package that an inventory found on a host.
type InstalledSoftware struct {
	// Name is the name of the package.
	Name string `is:"required"`
	// Version is the version that is installed.
	Version string
	// Publisher is the maker.
	Publisher string
	// Installed is the day of the installation.
	Installed Date
}

// OpenPort is a network port on which something answers.
type OpenPort struct {
	// Port is the number of the port.
	Port int `min:"0" max:"65535"`
	// Protocol is tcp, udp or sctp.
	Protocol string
	// Service is the name of what answers, such as ssh.
	Service string
	// Product is the software that answers, such as OpenSSH.
	Product string
	// Version is the version of that software.
	Version string
}

// HostType says what sort of machine a host is.
type HostType string

// Options lists the sorts of machines.
func (HostType) Options() []Option {
	return []Option{
		{"physical", "Physical server", "A machine of its own."},
		{"virtual", "Virtual machine", "A part of another machine."},
		{"hypervisor", "Hypervisor", "A machine that runs virtual machines."},
		{"container_host", "Container host", "A machine that runs containers."},
		{"workstation", "Workstation", "A desktop computer."},
		{"laptop", "Laptop", "A portable computer."},
		{"storage", "Storage", "A machine that keeps data for others."},
		{"printer", "Printer", "A machine that prints."},
		{"phone", "Phone", "A telephone or a handheld."},
		{"appliance", "Appliance", "A machine with one purpose."},
		{"other", "Other", "Anything else."},
	}
}

// NetworkDevice is a machine that carries the traffic of others: a switch, a router, a firewall.
type NetworkDevice struct {
	Meta
	Lifecycle
	// Type says what the device does.
	Type NetworkDeviceType
	// FQDN is its full name in the domain name system. It is unique.
	FQDN string `name:"fqdn" ident:"fqdn"`
	// Serial is the serial number of the maker. It is unique.
	Serial string `ident:"serial"`
	// MACs are the addresses of its management ports. Each is unique.
	MACs []string `name:"macs" ident:"mac"`
	// IPs are its addresses.
	IPs []string `name:"ips" format:"ip"`
	// Manufacturer is the maker.
	Manufacturer string
	// Model is the maker's name of the device.
	Model string
	// Firmware is the name of its system software, such as IOS XE.
	Firmware string
	// FirmwareVersion is the version of its system software.
	FirmwareVersion string
	// Site is where it stands.
	Site Ref `to:"Site" back:"network devices" flow:"needs"`
	// Rack is the rack that it stands in.
	Rack string
	// Uplinks are the devices that it reaches everything else through.
	Uplinks []Ref `to:"NetworkDevice" back:"carries" flow:"needs" needed:"UplinksNeeded"`
	// UplinksNeeded is how many of the uplinks must work. Unset means all.
	UplinksNeeded int `min:"0"`
	// Links are the devices that a cable joins it to, without saying which of the two needs the other.
	Links []Ref `to:"NetworkDevice,Host" back:"linked with"`
	// Ports is how many ports it has.
	Ports int `min:"0"`
	// Availability is the share of time that the device itself works, in percent.
	Availability Percent `min:"0" max:"100" unit:"%"`
	// Status is what its inventory says of it, such as active or offline.
	Status string
}

// NetworkDeviceType says what a network device does.
type NetworkDeviceType string

// Options lists what network devices do.
func (NetworkDeviceType) Options() []Option {
	return []Option{
		{"switch", "Switch", "It joins machines in one network."},
		{"router", "Router", "It joins networks."},
		{"firewall", "Firewall", "It decides what may pass."},
		{"load_balancer", "Load balancer", "It spreads requests over machines."},
		{"access_point", "Access point", "It joins machines by radio."},
		{"patch_panel", "Patch panel", "It joins cables."},
		{"power", "Power distribution", "It gives power to machines."},
		{"console", "Console server", "It gives access to the consoles of machines."},
		{"other", "Other", "Anything else."},
	}
}

// CloudAccount is an account, a subscription or a project with a cloud provider.
type CloudAccount struct {
	Meta
	// Provider is the cloud provider, such as AWS, Azure or Google Cloud.
	Provider string
	// AccountID is the identifier that the provider uses. It is unique.
	AccountID string `name:"account_id" ident:"cloud_account"`
	// Vendor is the vendor that sends the invoice.
	Vendor Ref `to:"Vendor" back:"cloud accounts" flow:"needs"`
	// CostCentre is where the cost is booked.
	CostCentre Ref `to:"CostCentre" back:"cloud accounts"`
	// Environment says what it is used for.
	Environment Environment
	// Parent is the account that pays for this one.
	Parent Ref `to:"CloudAccount" back:"parts"`
}

// CloudResource is one thing rented in a cloud: a machine, a database, a bucket, a cluster.
type CloudResource struct {
	Meta
	Lifecycle
	// Account is the account that it is rented in.
	Account Ref `to:"CloudAccount" back:"resources" flow:"needs"`
	// ResourceID is the identifier that the provider uses. It is unique.
	ResourceID string `name:"resource_id" ident:"cloud_resource"`
	// Type is the provider's name for the sort of resource, such as rds:db or Microsoft.Compute/virtualMachines.
	Type string
	// Region is the provider's name of the region, such as eu-central-1.
	Region string
	// Zones are the availability zones that it is spread over.
	Zones []string
	// Environment says what it is used for.
	Environment Environment
	// Runs are the technologies that it provides, each with its version.
	Runs []TechnologyUse
	// DependsOn are the resources that it needs.
	DependsOn []Ref `to:"CloudResource,Host,NetworkDevice" back:"needed by resources" flow:"needs"`
	// Availability is the share of time that the resource itself works, in percent.
	Availability Percent `min:"0" max:"100" unit:"%"`
}
