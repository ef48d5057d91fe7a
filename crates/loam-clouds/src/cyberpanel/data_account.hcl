# What there is to look up about the account, its money and its keys.

data "cyberpanel_account" {
  description = "The account that the key belongs to."
  attribute "id" {
    type     = number
    computed = true
  }
  attribute "email" {
    type     = string
    computed = true
  }
  attribute "full_name" {
    type     = string
    computed = true
  }
  attribute "balance" {
    type     = string
    computed = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "two_factor_enabled" {
    type     = bool
    computed = true
  }
  attribute "vps_ordering_enabled" {
    type     = bool
    computed = true
  }
  attribute "registration_date" {
    type     = string
    computed = true
  }
  request "account" {
    path       = "/account"
    permission = "account:read"
  }
}

data "cyberpanel_billing" {
  description = "Balance, automatic funding and the latest ledger lines."
  attribute "balance" {
    type     = string
    computed = true
  }
  attribute "auto_funding" {
    type = object({
      enabled   = bool
      threshold = string
      amount    = string
    })
    computed = true
  }
  attribute "recent_invoices" {
    type = list(object({
      id          = string
      description = string
      amount      = string
      type        = string
      date        = string
    }))
    computed = true
  }
  request "billing" {
    path       = "/billing"
    permission = "billing:read"
  }
}

data "cyberpanel_api_keys" {
  description = "The account's API keys, without the secrets."
  attribute "api_keys" {
    type = list(object({
      id                    = number
      name                  = string
      key_prefix            = string
      scopes                = list(string)
      is_active             = bool
      ip_whitelist          = list(string)
      expires_at            = string
      last_used_at          = string
      last_used_ip          = string
      request_count         = number
      rate_limit_per_minute = number
      rate_limit_per_hour   = number
      created_at            = string
    }))
    computed = true
  }
  attribute "total" {
    type     = number
    computed = true
  }
  request "api_keys" {
    path       = "/account/api-keys"
    permission = "account:read"
  }
}

data "cyberpanel_api_key_usage" {
  description = "The requests made with an API key, newest first."
  attribute "key_id" {
    type     = number
    required = true
  }
  attribute "limit" {
    type        = number
    default     = 50
    from        = []
    description = "How many to read, at most 100."
    validate {
      condition = value >= 1 && value <= 100
      message   = "The limit is a number from 1 to 100."
    }
  }
  attribute "offset" {
    type    = number
    default = 0
    from    = []
  }
  attribute "key_name" {
    type     = string
    computed = true
  }
  attribute "usage_logs" {
    type = list(object({
      endpoint         = string
      method           = string
      ip_address       = string
      response_status  = number
      response_time_ms = number
      created_at       = string
    }))
    computed = true
  }
  attribute "total" {
    type     = number
    computed = true
    from     = "pagination.total"
  }
  request "usage" {
    path       = "/account/api-keys/${self.key_id}/usage"
    query      = { limit = self.limit, offset = self.offset }
    permission = "account:read"
  }
}

data "cyberpanel_scopes" {
  description = "The scopes that a key may have, as the API lists them."
  attribute "scopes" {
    type = list(object({
      scope       = string
      description = string
    }))
    computed = true
  }
  request "scopes" {
    path = "/scopes"
  }
}

data "cyberpanel_health" {
  description = "Whether the API works."
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "service" {
    type     = string
    computed = true
  }
  attribute "version" {
    type     = string
    computed = true
  }
  request "health" {
    path = "/health"
  }
}

data "cyberpanel_auth_test" {
  description = "What the API knows of the key in use."
  attribute "message" {
    type     = string
    computed = true
  }
  attribute "key_name" {
    type     = string
    computed = true
  }
  attribute "key_prefix" {
    type     = string
    computed = true
  }
  attribute "user_email" {
    type     = string
    computed = true
  }
  attribute "scopes" {
    type     = list(string)
    computed = true
  }
  attribute "ip_address" {
    type     = string
    computed = true
  }
  attribute "request_count" {
    type     = number
    computed = true
  }
  request "test" {
    path = "/test"
  }
}
