package cloudbill

import "strings"

// awsCategories are the categories of FOCUS that services of AWS belong to, by their product codes.
var awsCategories = map[string]string{
	"AmazonEC2": "Compute", "AWSLambda": "Compute", "AmazonECS": "Compute", "AmazonEKS": "Compute", "AmazonLightsail": "Compute", "AWSBatch": "Compute", "AWSAppRunner": "Compute", "AmazonWorkSpaces": "Compute", "AmazonECR": "Compute", "ElasticMapReduce": "Analytics",
	"AmazonS3": "Storage", "AmazonEFS": "Storage", "AmazonFSx": "Storage", "AmazonGlacier": "Storage", "AmazonS3GlacierDeepArchive": "Storage", "AWSBackup": "Storage", "AWSStorageGateway": "Storage",
	"AmazonRDS": "Databases", "AmazonDynamoDB": "Databases", "AmazonElastiCache": "Databases", "AmazonRedshift": "Databases", "AmazonDocDB": "Databases", "AmazonNeptune": "Databases", "AmazonMemoryDB": "Databases", "AmazonTimestream": "Databases", "AmazonDAX": "Databases",
	"AmazonVPC": "Networking", "AmazonCloudFront": "Networking", "AmazonRoute53": "Networking", "AWSELB": "Networking", "AWSDataTransfer": "Networking", "AWSDirectConnect": "Networking", "AWSGlobalAccelerator": "Networking",
	"AmazonApiGateway": "Integration", "AmazonSNS": "Integration", "AWSQueueService": "Integration", "AWSEvents": "Integration", "AmazonMQ": "Integration", "AmazonStates": "Integration", "AWSAppSync": "Integration",
	"AmazonAthena": "Analytics", "AWSGlue": "Analytics", "AmazonKinesis": "Analytics", "AmazonKinesisFirehose": "Analytics", "AmazonES": "Analytics", "AmazonMSK": "Analytics", "AmazonQuickSight": "Analytics", "AWSLakeFormation": "Analytics",
	"AmazonSageMaker": "AI and Machine Learning", "AmazonBedrock": "AI and Machine Learning", "AmazonRekognition": "AI and Machine Learning", "AmazonTextract": "AI and Machine Learning", "comprehend": "AI and Machine Learning", "translate": "AI and Machine Learning", "AmazonPolly": "AI and Machine Learning",
	"AmazonCloudWatch": "Management and Governance", "AWSCloudTrail": "Management and Governance", "AWSConfig": "Management and Governance", "AWSSystemsManager": "Management and Governance", "AWSServiceCatalog": "Management and Governance", "AWSCloudFormation": "Management and Governance", "AWSCostExplorer": "Management and Governance",
	"awskms": "Security", "AWSSecretsManager": "Security", "AmazonGuardDuty": "Security", "awswaf": "Security", "AWSShield": "Security", "AmazonInspectorV2": "Security", "AmazonInspector": "Security", "AmazonMacie": "Security", "AWSSecurityHub": "Security", "AWSCertificateManager": "Security", "AWSNetworkFirewall": "Security",
	"AmazonCognito": "Identity", "AWSDirectoryService": "Identity",
	"CodeBuild": "Developer Tools", "AWSCodePipeline": "Developer Tools", "AWSCodeCommit": "Developer Tools", "AWSCodeArtifact": "Developer Tools", "AWSXRay": "Developer Tools",
	"AWSIoT": "Internet of Things", "AmazonSES": "Business Applications", "AmazonConnect": "Business Applications", "AmazonChime": "Business Applications",
	"AWSDatabaseMigrationSvc": "Migration", "AWSDataSync": "Migration", "AWSTransfer": "Migration", "AWSElementalMediaConvert": "Media", "AWSElementalMediaLive": "Media", "AWSAmplify": "Web", "AmazonLocationService": "Web",
}

// awsCategory returns the category of a service of AWS by its product code.
func awsCategory(code string) string {
	if c := awsCategories[code]; c != "" {
		return c
	}
	return "Other"
}

// families are the categories of FOCUS that words in the names of services and their families stand for. The first one that fits decides.
var families = []struct{ word, category string }{
	{"ai + machine learning", "AI and Machine Learning"}, {"machine learning", "AI and Machine Learning"}, {"openai", "AI and Machine Learning"}, {"cognitive", "AI and Machine Learning"}, {"vertex", "AI and Machine Learning"}, {"generative", "AI and Machine Learning"},
	{"database", "Databases"}, {"sql", "Databases"}, {"cosmos", "Databases"}, {"spanner", "Databases"}, {"firestore", "Databases"}, {"redis", "Databases"}, {"mysql", "Databases"},
	{"analytics", "Analytics"}, {"bigquery", "Analytics"}, {"databricks", "Analytics"}, {"synapse", "Analytics"}, {"data factory", "Analytics"}, {"dataflow", "Analytics"}, {"event hubs", "Analytics"},
	{"storage", "Storage"}, {"backup", "Storage"},
	{"network", "Networking"}, {"load balancer", "Networking"}, {"bandwidth", "Networking"}, {"dns", "Networking"}, {"vpn", "Networking"}, {"cdn", "Networking"}, {"fastconnect", "Networking"},
	{"compute", "Compute"}, {"container", "Compute"}, {"kubernetes", "Compute"}, {"virtual machine", "Compute"}, {"functions", "Compute"}, {"cloud run", "Compute"}, {"app engine", "Compute"},
	{"identity", "Identity"}, {"active directory", "Identity"},
	{"security", "Security"}, {"key vault", "Security"}, {"defender", "Security"}, {"waf", "Security"}, {"vault", "Security"},
	{"internet of things", "Internet of Things"}, {"iot", "Internet of Things"},
	{"integration", "Integration"}, {"service bus", "Integration"}, {"pub/sub", "Integration"}, {"streaming", "Integration"},
	{"developer", "Developer Tools"}, {"devops", "Developer Tools"}, {"cloud build", "Developer Tools"},
	{"management", "Management and Governance"}, {"monitor", "Management and Governance"}, {"logging", "Management and Governance"}, {"log analytics", "Management and Governance"},
	{"migration", "Migration"}, {"media", "Media"}, {"web", "Web"}, {"app service", "Web"}, {"mobile", "Mobile"},
	{"support", "Other"},
}

// categoryOf returns the category of a service by the words in the names of its family and of itself.
func categoryOf(names ...string) string {
	for _, name := range names {
		lower := strings.ToLower(name)
		for _, f := range families {
			if lower != "" && strings.Contains(lower, f.word) {
				return f.category
			}
		}
	}
	return "Other"
}
