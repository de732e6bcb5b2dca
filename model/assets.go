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
