package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v4"
)

// resource is what manifests/cloud.yaml says of something rented.
type resource struct {
	Kind, Key, Name, Type, Region, Environment, Account string
	ResourceID                                          string `yaml:"resource_id"`
}

// resources reads the cloud resources of the demo company by key.
func resources(company fs.FS) (map[string]resource, error) {
	data, err := fs.ReadFile(company, "manifests/cloud.yaml")
	if err != nil {
		return nil, err
	}
	out := map[string]resource{}
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var r resource
		err := dec.Decode(&r)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read manifests/cloud.yaml: %w", err)
		}
		if r.Kind == "CloudResource" {
			r.ResourceID = strings.TrimSpace(r.ResourceID)
			out[r.Key] = r
		}
	}
}

// How the use of a meter goes over the year and the week.
const (
	steady = iota // the same every day
	guests        // follows the guests: high in summer, high on Fridays
	office        // follows the working week
)

// meter is one thing that a resource is charged for.
type meter struct {
	resource string // key of the resource; empty where the charge is for none
	service  string
	category string
	sku      string
	unit     string
	price    micro // public price of one unit
	daily    milli // units a day in the first month
	shape    int
	growth   int64 // a month, in hundredths of a percent
	tags     string
	covered  bool // the savings plan covers it
	from     month
	until    month
}

// hours is a quantity of so many things for a day, given in hundredths of a thing.
func hours(hundredths int64) milli { return milli(hundredths * 240) }

// Tags: application, team, environment and cost centre, in this order. What is empty is not tagged, and some are misspelt.
const (
	tagApp      = "mobile-app|commerce|production|2100"
	tagShop     = "web-shop|commerce|production|2100"
	tagPay      = "payment-hub|commerce|production|2100"
	tagGift     = "gift-shop|commerce|production|3100"
	tagGiftOops = "gift-shp|comerce|production|3100"
	tagCampaign = "campaign-studio|commerce|production|2100"
	tagClub     = "compass-club|commerce|production|2100"
	tagClubOops = "compas-club|commerce|production|2100"
	tagWifi     = "guest-wifi|fleet-systems|production|2400"
	tagBuild    = "code-forge|platform|development|1200"
	tagLake     = "data-lake|data-platform|production|2000"
	tagInsight  = "insight-bi|data-platform|production|2000"
	tagVoyage   = "voyage-optimiser|fleet-systems|production|2400"
	tagPortal   = "freight-portal|integration|production|2200"
	tagOffice   = "office-suite|infrastructure|production|1130"
	tagWatch    = "watchtower|security|production|1300"
	tagFares    = "fare-engine|commerce|test|2100"
	teamInfra   = "|infrastructure|production|1110"
	teamSafe    = "|security|production|1300"
	noTags      = ""
)

const (
	compute    = "Compute"
	databases  = "Databases"
	storage    = "Storage"
	networking = "Networking"
	security   = "Security"
	analytics  = "Analytics"
	messages   = "Integration"
	management = "Management and Governance"
	learning   = "AI and Machine Learning"
	containers = "Compute"
)

// amazon lists what is charged in US dollars.
var amazon = []meter{
	{resource: "app-gateway", service: "Amazon API Gateway", category: networking, sku: "HttpRequests", unit: "1M requests", price: 1_110_000, daily: 17_400, shape: guests, growth: 140, tags: tagApp},
	{resource: "app-functions-booking", service: "AWS Lambda", category: compute, sku: "Lambda-GB-Second", unit: "1M GB-seconds", price: 16_666_700, daily: 2_500, shape: guests, growth: 160, tags: tagApp},
	{resource: "app-functions-profile", service: "AWS Lambda", category: compute, sku: "Lambda-GB-Second", unit: "1M GB-seconds", price: 16_666_700, daily: 900, shape: guests, growth: 90, tags: tagApp},
	{resource: "app-functions-push", service: "AWS Lambda", category: compute, sku: "Lambda-GB-Second", unit: "1M GB-seconds", price: 16_666_700, daily: 320, shape: guests, growth: 90, tags: tagApp},
	{resource: "app-sessions", service: "Amazon DynamoDB", category: databases, sku: "WriteRequestUnits", unit: "1M requests", price: 1_525_000, daily: 19_200, shape: guests, growth: 120, tags: tagApp},
	{resource: "app-profiles", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.r6g.2xl", unit: "Hours", price: 2_132_000, daily: hours(200), tags: tagApp},
	{resource: "app-push-topic", service: "Amazon SNS", category: messages, sku: "DeliveryAttempts-PUSH", unit: "1M requests", price: 500_000, daily: 5_600, shape: guests, growth: 120, tags: tagApp},
	{resource: "app-events", service: "Amazon SQS", category: messages, sku: "Requests-Tier1", unit: "1M requests", price: 400_000, daily: 5_900, shape: guests, growth: 120, tags: tagApp},
	{resource: "shop-images", service: "Amazon S3", category: storage, sku: "TimedStorage-ByteHrs", unit: "GB-Month", price: 24_500, daily: 880_000, growth: 110, tags: tagShop},
	{resource: "shop-search", service: "Amazon OpenSearch", category: analytics, sku: "ESInstance:r6g.xlarge", unit: "Hours", price: 396_000, daily: hours(900), tags: tagShop},
	{resource: "shop-mail", service: "Amazon SES", category: messages, sku: "Recipients", unit: "1K messages", price: 100_000, daily: 52_000, shape: guests, growth: 60, tags: tagShop},
	{resource: "shop-cdn", service: "Amazon CloudFront", category: networking, sku: "DataTransfer-Out-Bytes", unit: "GB", price: 85_000, daily: 760_000, shape: guests, growth: 80, tags: tagShop},
	{resource: "gift-shop-db", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.r6g.xl", unit: "Hours", price: 1_016_000, daily: hours(150), tags: tagGiftOops, from: monthOf(2026, 2)},
	{resource: "gift-shop-db", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.r6g.xl", unit: "Hours", price: 1_016_000, daily: hours(150), tags: tagGift, until: monthOf(2026, 1)},
	{resource: "gift-shop-cluster", service: "Amazon ECS", category: containers, sku: "Fargate-vCPU-Hours", unit: "Hours", price: 46_560, daily: hours(7088), tags: tagGift, covered: true},
	{resource: "payment-hsm", service: "AWS CloudHSM", category: security, sku: "CloudHSMUsage", unit: "Hours", price: 1_810_000, daily: hours(200), tags: tagPay},
	{resource: "payment-vault", service: "AWS Secrets Manager", category: security, sku: "SecretsUsage", unit: "Secrets", price: 13_300, daily: 96_000, tags: tagPay},
	{resource: "campaign-audience", service: "Amazon S3", category: storage, sku: "TimedStorage-ByteHrs", unit: "GB-Month", price: 23_000, daily: 210_000, growth: 200, tags: tagCampaign},
	{resource: "campaign-export", service: "AWS Lambda", category: compute, sku: "Lambda-GB-Second", unit: "1M GB-seconds", price: 16_666_700, daily: 110, tags: tagCampaign},
	{resource: "loyalty-db", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.r6g.xl", unit: "Hours", price: 1_016_000, daily: hours(180), tags: tagClubOops, from: monthOf(2025, 9)},
	{resource: "loyalty-db", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.r6g.xl", unit: "Hours", price: 1_016_000, daily: hours(180), tags: tagClub, until: monthOf(2025, 8)},
	{resource: "wifi-portal-db", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.t4g.large", unit: "Hours", price: 283_000, daily: hours(300), tags: tagWifi},
	{resource: "wifi-portal-cluster", service: "Amazon ECS", category: containers, sku: "Fargate-vCPU-Hours", unit: "Hours", price: 44_500, daily: hours(2809), tags: tagWifi, covered: true},
	{resource: "status-page", service: "Amazon S3", category: storage, sku: "TimedStorage-ByteHrs", unit: "GB-Month", price: 23_000, daily: 6_000, tags: noTags},
	{resource: "commerce-vpc", service: "Amazon VPC", category: networking, sku: "NatGateway-Bytes", unit: "GB", price: 52_000, daily: 940_000, shape: guests, growth: 100, tags: noTags},
	{resource: "commerce-link", service: "AWS Direct Connect", category: networking, sku: "PortUsage:10G", unit: "Hours", price: 2_250_000, daily: hours(100), tags: teamInfra},
	{resource: "commerce-logs", service: "Amazon CloudWatch", category: management, sku: "DataProcessing-Bytes", unit: "GB", price: 630_000, daily: 44_000, shape: guests, growth: 90, tags: "|platform|production|1200"},
	{resource: "commerce-backups", service: "AWS Backup", category: storage, sku: "WarmStorage-ByteHrs", unit: "GB-Month", price: 50_000, daily: 390_000, growth: 130, tags: "|platform|production|1200"},
	{resource: "org-trail-store", service: "Amazon S3", category: storage, sku: "TimedStorage-ByteHrs", unit: "GB-Month", price: 24_500, daily: 170_000, growth: 90, tags: teamSafe},
	{resource: "org-trail", service: "AWS CloudTrail", category: management, sku: "PaidEventsRecorded", unit: "100K events", price: 2_000_000, daily: 1_400, growth: 60, tags: teamSafe},
	{resource: "org-guard", service: "Amazon GuardDuty", category: security, sku: "PaidEventsAnalyzed", unit: "1M events", price: 4_600_000, daily: 4_300, growth: 50, tags: teamSafe},
	{resource: "org-dns", service: "Amazon Route 53", category: networking, sku: "DNS-Queries", unit: "1M queries", price: 400_000, daily: 3_600, shape: guests, tags: teamInfra},
	{resource: "sandbox-eks", service: "Amazon EC2", category: compute, sku: "BoxUsage:m6i.2xlarge", unit: "Hours", price: 475_000, daily: hours(400), tags: tagBuild, covered: true, until: monthOf(2026, 7)},
	{resource: "sandbox-eks", service: "Amazon EC2", category: compute, sku: "BoxUsage:m6i.2xlarge", unit: "Hours", price: 475_000, daily: hours(250), tags: tagBuild, covered: true, from: monthOf(2026, 8)},
	{resource: "sandbox-db-pricing", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.r6g.xl", unit: "Hours", price: 508_000, daily: hours(120), tags: tagFares},
	{resource: "sandbox-notebooks", service: "Amazon SageMaker", category: learning, sku: "Notebk:ml.g5.xlarge", unit: "Hours", price: 1_760_000, daily: hours(55), shape: office, growth: 70, tags: tagLake},
	{resource: "sandbox-runner-01", service: "Amazon EC2", category: compute, sku: "BoxUsage:c6i.8xlarge", unit: "Hours", price: 1_800_000, daily: hours(100), tags: tagBuild, covered: true},
	{resource: "sandbox-runner-02", service: "Amazon EC2", category: compute, sku: "BoxUsage:c6i.8xlarge", unit: "Hours", price: 1_800_000, daily: hours(100), tags: tagBuild, covered: true, until: monthOf(2026, 5)},
	{resource: "sandbox-runner-02", service: "Amazon EC2", category: compute, sku: "BoxUsage:c6i.large", unit: "Hours", price: 112_500, daily: hours(100), tags: tagBuild, covered: true, from: monthOf(2026, 6)},
	{resource: "sandbox-load-test", service: "Amazon EC2", category: compute, sku: "BoxUsage:c6i.4xlarge", unit: "Hours", price: 800_000, daily: hours(400), tags: "web-shop|commerce|test|2100", covered: true, until: monthOf(2026, 2)},
	{resource: "sandbox-app-test", service: "AWS Lambda", category: compute, sku: "Lambda-GB-Second", unit: "1M GB-seconds", price: 16_666_700, daily: 120, shape: office, tags: "mobile-app|commerce|test|2100"},
	{resource: "sandbox-shop-test-db", service: "Amazon RDS", category: databases, sku: "InstanceUsage:db.t4g.large", unit: "Hours", price: 283_000, daily: hours(100), tags: "gift-shop|commerce|test|3100"},
	{resource: "sandbox-demo-day", service: "Amazon EC2", category: compute, sku: "BoxUsage:m5.2xlarge", unit: "Hours", price: 448_000, daily: hours(100), tags: noTags},
	{resource: "sandbox-artifacts", service: "Amazon S3", category: storage, sku: "TimedStorage-ByteHrs", unit: "GB-Month", price: 24_500, daily: 210_000, growth: 150, tags: tagBuild},
}

// tillsPilot is the month in which the pilot of the tills in the cloud was built. The project was stopped; its resources were not.
var tillsPilot = monthOf(2025, 9)

// azure lists what is charged in euros.
var azure = []meter{
	{resource: "lake-storage", service: "Storage", category: storage, sku: "Hot LRS Data Stored", unit: "GB/Month", price: 16_400, daily: 6_300_000, growth: 150, tags: tagLake},
	{resource: "lake-catalog", service: "Microsoft Purview", category: management, sku: "Data Map Capacity Unit", unit: "Hours", price: 374_000, daily: hours(220), tags: tagLake},
	{resource: "lake-test-storage", service: "Storage", category: storage, sku: "Hot LRS Data Stored", unit: "GB/Month", price: 16_400, daily: 590_000, growth: 40, tags: "data-lake|data-platform|test|2000"},
	{resource: "lake-vault", service: "Key Vault", category: security, sku: "Operations", unit: "10K", price: 27_000, daily: 34_000, tags: tagLake},
	{resource: "lake-warehouse", service: "Azure Synapse Analytics", category: analytics, sku: "100 DWUs", unit: "Hours", price: 1_357_000, daily: hours(800), tags: tagLake},
	{resource: "lake-pipelines", service: "Azure Data Factory", category: messages, sku: "Cloud Data Movement", unit: "Hours", price: 225_000, daily: 360_000, shape: office, growth: 60, tags: tagLake},
	{resource: "lake-notebooks", service: "Azure Databricks", category: analytics, sku: "Premium All-purpose Compute DBU", unit: "Hours", price: 497_000, daily: 340_000, shape: office, growth: 90, tags: tagLake},
	{resource: "forecast-models", service: "Azure Machine Learning", category: learning, sku: "NC6s v3", unit: "Hours", price: 3_060_000, daily: hours(95), shape: office, growth: 50, tags: "fare-engine|data-platform|production|2100"},
	{resource: "eta-service", service: "Container Instances", category: containers, sku: "vCPU Duration", unit: "Hours", price: 43_000, daily: hours(1400), tags: tagVoyage},
	{resource: "track-hub", service: "Event Hubs", category: messages, sku: "Premium Processing Unit", unit: "Hours", price: 1_233_000, daily: hours(150), tags: tagPortal},
	{resource: "track-store", service: "Azure Cosmos DB", category: databases, sku: "100 RU/s", unit: "Hours", price: 7_600, daily: hours(52_000), growth: 40, tags: tagPortal},
	{resource: "office-connect", service: "Virtual Machines", category: compute, sku: "D4s v5", unit: "Hours", price: 212_000, daily: hours(200), tags: tagOffice},
	{resource: "office-gateway", service: "Virtual Machines", category: compute, sku: "D8s v5", unit: "Hours", price: 424_000, daily: hours(170), tags: tagInsight},
	{resource: "backup-offsite", service: "Storage", category: storage, sku: "Cool GRS Data Stored", unit: "GB/Month", price: 18_000, daily: 3_900_000, growth: 100, tags: teamInfra},
	{resource: "azure-line", service: "ExpressRoute", category: networking, sku: "Premium Metered 2 Gbps", unit: "Hours", price: 2_610_000, daily: hours(100), tags: teamInfra},
	{resource: "azure-firewall", service: "Azure Firewall", category: networking, sku: "Standard Deployment", unit: "Hours", price: 1_150_000, daily: hours(130), tags: noTags},
	{resource: "azure-hub", service: "Virtual Network", category: networking, sku: "Inter-Region Egress", unit: "GB", price: 33_000, daily: 340_000, shape: office, growth: 70, tags: noTags},
	{resource: "azure-sentinel", service: "Microsoft Sentinel", category: security, sku: "Analysis", unit: "GB", price: 4_300_000, daily: 24_000, growth: 60, tags: tagWatch},
	{resource: "tills-pilot-cluster", service: "Virtual Machines", category: compute, sku: "D16s v5", unit: "Hours", price: 921_000, daily: hours(1200), from: tillsPilot},
	{resource: "tills-pilot-sql", service: "SQL Managed Instance", category: databases, sku: "Business Critical vCore", unit: "Hours", price: 338_000, daily: hours(1600), from: tillsPilot},
	{resource: "tills-pilot-documents", service: "Azure Cosmos DB", category: databases, sku: "100 RU/s", unit: "Hours", price: 7_600, daily: hours(60_000), from: tillsPilot},
	{resource: "tills-pilot-cache", service: "Azure Cache for Redis", category: databases, sku: "P4 Cache", unit: "Hours", price: 1_950_000, daily: hours(200), from: tillsPilot},
	{resource: "tills-pilot-disks", service: "Storage", category: storage, sku: "P40 Disk", unit: "Hours", price: 297_000, daily: hours(1000), from: tillsPilot},
	{resource: "tills-pilot-gateway", service: "Application Gateway", category: networking, sku: "WAF v2 Fixed", unit: "Hours", price: 438_000, daily: hours(200), from: tillsPilot},
	{resource: "tills-pilot-firewall", service: "Azure Firewall", category: networking, sku: "Standard Deployment", unit: "Hours", price: 1_150_000, daily: hours(100), from: tillsPilot},
	{resource: "tills-pilot-stream", service: "Event Hubs", category: messages, sku: "Premium Processing Unit", unit: "Hours", price: 1_233_000, daily: hours(200), from: tillsPilot},
	{resource: "tills-pilot-logs", service: "Log Analytics", category: management, sku: "100 GB Commitment Tier", unit: "Days", price: 37_500_000, daily: 1_000, from: tillsPilot},
	{resource: "tills-pilot-backup", service: "Storage", category: storage, sku: "Cool GRS Data Stored", unit: "GB/Month", price: 18_000, daily: 540_000, from: tillsPilot},
}
