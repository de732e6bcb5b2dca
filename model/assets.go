package model

// Asset is a piece of hardware that the company has bought or leased.
type Asset struct {
	Meta
	Lifecycle
	// State says where the asset is in its life.
	State AssetState
	// Category is the sort of hardware, such as laptop, server or monitor.
	Category string
	// Serial is the serial number of the maker. It is unique.
	Serial string `ident:"serial"`
	// InventoryNumber is the number on the company's own label. It is unique.
	InventoryNumber string `ident:"inventory"`
	// Manufacturer is the maker.
	Manufacturer string
	// Model is the maker's name of the hardware.
	Model string
	// Purchased is the day of the purchase.
	Purchased Date
	// Price is what it cost.
	Price Money
	// WarrantyEnd is the last day of the maker's warranty.
	WarrantyEnd Date
	// Vendor is the company that sold it.
	Vendor Ref `to:"Vendor" back:"assets"`
	// Contract is the contract under which it was bought, leased or is maintained.
	Contract Ref `to:"Contract" back:"assets"`
	// AssignedTo is the person or team that has it.
	AssignedTo Ref `to:"Person,Team" back:"assets"`
	// Site is where it is.
	Site Ref `to:"Site" back:"assets"`
	// Is is the host or device that runs on it.
	Is Ref `to:"Host,NetworkDevice" back:"asset" flow:"serves"`
	// CostCentre is where its cost is booked.
	CostCentre Ref `to:"CostCentre" back:"assets"`
	// RequestedBy is the person that asked for it.
	RequestedBy Ref `to:"Person" back:"assets requested"`
	// PurchaseOrder is the order that it came with.
	PurchaseOrder Ref `to:"PurchaseOrder" back:"assets"`
	// Received is the day when it arrived.
	Received Date
	// Assigned is the day since when whoever has it has it.
	Assigned Date
	// ReturnBy is the day by which it is to be given back, where it is lent.
	ReturnBy Date
	// Depreciation says how its value falls. Unset means in equal parts.
	Depreciation DepreciationMethod
	// UsefulLife is over how many months its value falls.
	UsefulLife int `min:"0" max:"600" unit:"months"`
	// Salvage is what it is worth at the end.
	Salvage Money
	// Repairs are when it was away to be mended.
	Repairs []Repair
	// SeenOn is the day when it was last counted or seen by an inventory.
	SeenOn Date
	// Disposed is the day when it went.
	Disposed Date
	// Proceeds is what was paid for it when it went.
	Proceeds Money
	// DisposalProof says how it went and what proves that its data was erased.
	DisposalProof string
}

// Repair is a time when an asset was away to be mended.
type Repair struct {
	// From is the day when it went.
	From Date `is:"required"`
	// Until is the day when it came back.
	Until Date
	// Fault says what was wrong.
	Fault string
	// Cost is what it cost.
	Cost Money
	// Warranty says that the maker paid.
	Warranty bool
}

// DepreciationMethod says how the value of an asset falls.
type DepreciationMethod string

// Options lists how the value of an asset can fall.
func (DepreciationMethod) Options() []Option {
	return []Option{
		{"straight_line", "Straight line", "By the same amount each month."},
		{"declining", "Double declining balance", "By a fixed part of what is left each year."},
		{"declining_then_line", "Declining, then straight line", "By a fixed part of what is left, until equal parts are more."},
		{"none", "None", "Its value does not fall."},
	}
}

// Stocktake is a count of the assets at a place.
type Stocktake struct {
	Meta
	// Site is where was counted.
	Site Ref `to:"Site" back:"stocktakes"`
	// On is the day of the count.
	On Date
	// By is who counted.
	By Ref `to:"Person,Team" back:"stocktakes"`
	// Scanned are the inventory numbers or serial numbers that were found, in the order in which they were scanned.
	Scanned []string
	// Closed says that the count is over and its differences were dealt with.
	Closed bool
}

// AssetState says where an asset is in its life.
type AssetState string

// Options lists the states of an asset.
func (AssetState) Options() []Option {
	return []Option{
		{"requested", "Requested", "Somebody asked for it."},
		{"ordered", "Ordered", "It is on its way."},
		{"in_stock", "In stock", "It is here and nobody has it."},
		{"in_use", "In use", "Somebody has it."},
		{"in_repair", "In repair", "It is broken and will come back."},
		{"retired", "Retired", "It is no longer used."},
		{"disposed", "Disposed", "It is gone: sold, recycled or destroyed."},
		{"lost", "Lost", "Nobody knows where it is."},
	}
}

// Transitions says which state of an asset may follow which.
func (AssetState) Transitions() map[string][]string {
	return map[string][]string{
		"requested": {"ordered", "disposed"},
		"ordered":   {"in_stock", "in_use", "disposed"},
		"in_stock":  {"in_use", "in_repair", "retired", "lost"},
		"in_use":    {"in_stock", "in_repair", "retired", "lost"},
		"in_repair": {"in_stock", "in_use", "retired"},
		"retired":   {"in_stock", "disposed"},
		"lost":      {"in_stock", "disposed"},
	}
}

// Licence is a right to use software, bought from a vendor.
type Licence struct {
	Meta
	// Product is the name of the software as the licence has it.
	Product string `is:"required"`
	// Version is the version that the licence covers. Empty means any.
	Version string
	// Vendor is the company that sold it.
	Vendor Ref `to:"Vendor" back:"licences"`
	// Contract is the contract that it is part of.
	Contract Ref `to:"Contract" back:"licences"`
	// Metric says what is counted.
	Metric LicenceMetric
	// Quantity is how much of the metric may be used.
	Quantity float64 `min:"0"`
	// Cost is what the licence costs in a year, or once where it is perpetual.
	Cost Money
	// Perpetual says that the right to use never ends.
	Perpetual bool
	// Start is the first day of the right to use.
	Start Date
	// End is the last day of the right to use. Unset on a perpetual licence.
	End Date
	// Applications are the applications that it is used for.
	Applications []Ref `to:"Application,Service" back:"licences" flow:"serves"`
	// CostCentre is where its cost is booked.
	CostCentre Ref `to:"CostCentre" back:"licences"`
	// PartNumber is the vendor's number of the article.
	PartNumber string
	// Names are names under which inventories know the software. A name that ends in * stands for all that begin so.
	Names []string
	// UnitPrice is what one more of the metric costs, once or in a year.
	UnitPrice Money
	// PackSize is how many of the metric are sold together. Unset means one.
	PackSize int `min:"0"`
	// MinPerMachine is how many cores count at least on each machine, where cores are counted.
	MinPerMachine int `min:"0"`
	// MinPerProcessor is how many cores count at least for each physical processor, where cores are counted.
	MinPerProcessor int `min:"0"`
	// CoreFactor is how many licences one core takes, where processors are counted by cores. Unset means that whole processors count.
	CoreFactor float64 `min:"0" max:"10"`
	// Maintenance is the last day of maintenance: newer versions that came until then may be used.
	Maintenance Date
	// Upgrade says that newer versions may be used while maintenance lasts.
	Upgrade bool
	// Downgrade says that older versions may be used.
	Downgrade bool
	// SecondaryUse is on how many further devices a person may use it. They do not count.
	SecondaryUse int `min:"0"`
	// Pool names the group of licences that cover each other, such as a country or a contract. Unset means the company.
	Pool string
	// AssignedTo are the people, teams and machines that the licence was given to.
	AssignedTo []Ref `to:"Person,Team,Host" back:"licences"`
	// AuditClause says that the vendor may audit.
	AuditClause bool
}

// LicenceMetric says what a licence counts.
type LicenceMetric string

// Options lists what licences count.
func (LicenceMetric) Options() []Option {
	return []Option{
		{"install", "Per install", "Every installation counts."},
		{"user", "Per named user", "Every person that may use it counts."},
		{"device", "Per device", "Every device that may use it counts."},
		{"concurrent", "Concurrent users", "The most users at one time count."},
		{"core", "Per core", "Every processor core counts."},
		{"processor", "Per processor", "Every processor counts, perhaps with a factor."},
		{"points", "Points", "Points count."},
		{"site", "Site", "Everybody may use it."},
		{"subscription", "Subscription", "Units of a subscription count."},
	}
}
