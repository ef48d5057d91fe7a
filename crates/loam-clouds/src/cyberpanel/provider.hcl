# CyberPanel Cloud Platform, VPS API v1.
#
# Facts that shape this file: there is no update and no DELETE verb; gone is 400
# VPS_DELETED as well as 404; a create answers before the machine works; the list is short
# (no plan, location or billing); names are not unique.

provider "cyberpanel" {
  source      = "registry.terraform.io/loam-iac/cyberpanel"
  version     = "1.0.0"
  description = "Virtual servers of the CyberPanel Cloud Platform."

  setting "api_key" {
    required    = true
    sensitive   = true
    env         = ["CYBERPANEL_API_KEY"]
    description = "API key, beginning with cyp_live_. It needs the scopes vps:read and vps:write; vps:delete is recommended, account:read and billing:read for the data sources of that kind."
  }

  setting "endpoint" {
    env         = ["CYBERPANEL_ENDPOINT"]
    default     = "https://platform.cyberpersons.com/api/v1"
    description = "Base address of the API."
  }

  setting "requests_per_minute" {
    type        = number
    env         = ["CYBERPANEL_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "The key's limit of requests per minute. Answers that tell another limit take precedence."
  }

  setting "requests_per_hour" {
    type        = number
    env         = ["CYBERPANEL_REQUESTS_PER_HOUR"]
    default     = 1000
    description = "The key's limit of requests per hour."
  }

  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.api_key}" }
  timeout  = "60s"

  envelope {
    data    = try(body.data, null)
    success = try(body.success, false)
  }

  errors {
    code    = try(body.error_code, null)
    message = try(body.message, body.error, null)

    error "VPS_NOT_FOUND" {
      gone = true
    }
    error "VPS_DELETED" {
      gone = true
    }
    error "VPS_ALREADY_DELETED" {
      gone = true
    }
    error "VPS_SUSPENDED" {
      hint  = "The machine is suspended: clear the reason (often an unpaid bill) in the web console, then apply again."
      fatal = true
    }
    error "EXPIRED_API_KEY" {
      hint = "The key has expired; make a new one at /api-keys/ of the web console."
    }
    error "INACTIVE_API_KEY" {
      hint = "The key is switched off; switch it on at /api-keys/ of the web console."
    }
    error "IP_NOT_ALLOWED" {
      hint = "This machine's address is not in the key's allow-list."
    }
    error "INSUFFICIENT_BALANCE" {
      hint = "Top up the account, then apply again."
    }
    error "PLAN_NOT_FOUND" {
      hint = "The data source cyberpanel_plans lists the plans."
    }
    error "LOCATION_NOT_FOUND" {
      hint = "The data source cyberpanel_locations lists the locations; one without free addresses counts as not found."
    }
    error "INVALID_TEMPLATE" {
      hint = "The data source cyberpanel_templates lists the templates."
    }
    error "ORDERING_DISABLED" {
      hint = "Ordering is switched off for this account; ask the provider's support."
    }
    # Final for the call; what holds afterwards has to be read.
    error "START_FAILED" {
      fatal = true
    }
    error "STOP_FAILED" {
      fatal = true
    }
    error "RESTART_FAILED" {
      fatal = true
    }
    error "DELETE_FAILED" {
      fatal = true
      hint  = "The machine was not deleted; apply again later."
    }
    error "CONSOLE_FAILED" {
      fatal = true
    }
    error "DEPLOYMENT_FAILED" {
      fatal = true
    }
    error "NODE_NOT_FOUND" {
      fatal = true
    }
  }

  paging "offset" {
    style      = "offset"
    param      = "offset"
    size_param = "limit"
    size       = 100
    total      = try(response.pagination.total, null)
    more       = try(response.pagination.has_more, false)
  }

  rate_limit {
    per_minute       = provider.requests_per_minute
    per_hour         = provider.requests_per_hour
    limit_header     = "X-RateLimit-Limit"
    remaining_header = "X-RateLimit-Remaining"
    reset_header     = "X-RateLimit-Reset"
    key              = provider.api_key
  }
}
