# VPS.org API v1.
#
# No envelope and no error codes: the status decides. Every path ends in a slash. Lists
# come as {count, results} or as a bare array. Lists and details have different shapes
# (location is a slug in one and an object in the other). Endpoints that the service does
# not document (changing a host name, domain settings, restores) may be missing there;
# the error then says so.

provider "vpsorg" {
  source      = "registry.terraform.io/loam-iac/vpsorg"
  version     = "1.0.0"
  description = "Servers, snapshots, domains and DNS of VPS.org."

  setting "api_token" {
    required    = true
    sensitive   = true
    env         = ["VPSORG_API_TOKEN", "VPS_API_TOKEN"]
    description = "API token, beginning with vps_, from the developer page of the dashboard."
  }
  setting "endpoint" {
    env         = ["VPSORG_ENDPOINT", "VPS_API_URL"]
    default     = "https://admin.vps.org/api/v1"
    description = "Base address of the API."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["VPSORG_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "Requests per minute to keep to. The service publishes no limit."
  }

  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.api_token}" }
  timeout  = "60s"

  errors {
    message = try(tostring(body.detail), join("; ", [for k, v in body : "${k}: ${try(join(" ", v), tostring(v))}"]), null)

    error "404" {
      gone = true
    }
    error "405" {
      hint = "The service does not offer this (any more)."
    }
    error "402" {
      hint = "Settle the open invoice, then apply again."
    }
    error "409" {
      retry = true
      when  = can(regex("(?i)(busy|transition|progress|provisioning|resizing|restarting|restoring|pending)", tostring(body.detail)))
    }
  }

  paging "pages" {
    style      = "page"
    param      = "page"
    size_param = "page_size"
    size       = 100
    total      = try(body.count, null)
    more       = try(body.next, null) != null
  }

  rate_limit {
    per_minute = provider.requests_per_minute
    key        = provider.api_token
  }
}
