# Reads only: the account, what can be ordered, and what there is.

data "cyberpanel_account" "me" {}

data "cyberpanel_billing" "now" {}

data "cyberpanel_plans" "all" {}

data "cyberpanel_vps_list" "running" {
  status = "running"
}

output "balance" {
  value = "${data.cyberpanel_account.me.email} has ${data.cyberpanel_billing.now.balance} USD left"
}

output "monthly_prices" {
  value = { for p in data.cyberpanel_plans.all.plans : p.name => p.monthly_price }
}

output "running" {
  value = [for i in data.cyberpanel_vps_list.running.instances : i.name]
}
