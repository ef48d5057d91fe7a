# A small fleet on CyberPanel Cloud. Try it without an account:
#
#   loam -chdir=examples/quickstart --sandbox apply

variable "location" {
  type        = string
  default     = "de"
  description = "Code of the location, see the output of `loam output locations`."
}

variable "servers" {
  type = map(object({
    plan        = optional(string, "Starter")
    power_state = optional(string, "running")
  }))
  default = {
    web-1 = {}
    web-2 = {}
    db    = { plan = "Basic" }
  }
  description = "The machines, by the first part of their host names."

  validation {
    condition     = length(var.servers) > 0
    error_message = "A fleet without servers is none."
  }
}

variable "root_password" {
  type        = string
  sensitive   = true
  default     = "change-me-2026"
  description = "For a first try only: give your own with LOAM_VAR_root_password."
}

data "cyberpanel_plans" "all" {}

data "cyberpanel_templates" "all" {}

data "cyberpanel_locations" "all" {}

locals {
  domain   = "fleet.example.com"
  plan_ids = { for p in data.cyberpanel_plans.all.plans : p.name => p.id }
  ubuntu   = one([for t in data.cyberpanel_templates.all.templates : t.id if t.name == "Ubuntu 24.04"])
}

resource "cyberpanel_vps" "fleet" {
  for_each = var.servers

  hostname      = "${each.key}.${local.domain}"
  plan_id       = local.plan_ids[each.value.plan]
  location_code = var.location
  template_id   = local.ubuntu
  root_password = var.root_password
  power_state   = each.value.power_state

  timeouts {
    create = "15m"
  }
}

output "addresses" {
  description = "Public address of each machine."
  value       = { for name, vps in cyberpanel_vps.fleet : name => vps.ip_address }
}

output "locations" {
  value = [for l in data.cyberpanel_locations.all.locations : l.code if l.is_available]
}
