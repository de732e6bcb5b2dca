// Package assets answers what the company owns and may use: hardware from the
// request to the disposal, with holders, warranty, value and stocktakes; and
// licences, with what was bought against what is in use, what a gap would cost and what is paid for nothing.
package assets

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of assets and licences.
var Practice = practice.Practice{
	Name:   "assets",
	Label:  "Assets and licences",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("register", Register),
		practice.Ask("warranty", Warranty),
		practice.Notify(practice.Ask("overdue", Overdue)),
		practice.Notify(practice.Ask("leavers", Leavers)),
		practice.Ask("refresh", Refresh),
		practice.Ask("depreciation", Depreciation),
		practice.Ask("stocktake", Stocktake),
		practice.Ask("position", Position),
		practice.Ask("reclaim", Reclaim),
		practice.Ask("shelfware", Shelfware),
		practice.Ask("unlicensed", Unlicensed),
		practice.Notify(practice.Ask("expiring", Expiring)),
		practice.Do("request", RequestAsset),
		practice.Do("order", Order),
		practice.Do("receive", Receive),
		practice.Do("assign", Assign),
		practice.Do("check_out", CheckOut),
		practice.Do("check_in", CheckIn),
		practice.Do("repair", SendToRepair),
		practice.Do("mended", Mended),
		practice.Do("retire", Retire),
		practice.Do("dispose", Dispose),
		practice.Do("apply_stocktake", ApplyStocktake),
		practice.Do("take_back", TakeBack),
		practice.Check("in_use_has_holder", InUseHasHolder),
		practice.Check("disposed_with_proof", DisposedWithProof),
		practice.Check("hosts_have_assets", HostsHaveAssets),
		practice.Check("critical_hosts_in_warranty", CriticalHostsInWarranty),
		practice.Check("licences_cover_use", LicencesCoverUse),
	},
}
