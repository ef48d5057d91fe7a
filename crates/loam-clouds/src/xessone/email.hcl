# Mailboxes.

resource "xessone_email_account" {
  description = "A mailbox. Only the password changes in place; any other change replaces the mailbox and destroys its mail."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "address" {
    type        = string
    required    = true
    on_change   = "replace"
    normalize   = lower(value)
    description = "The whole address; its domain has to be a DNS zone of the account."
    validate {
      condition = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", value))
      message   = "A whole address is needed, such as me@example.com."
    }
  }
  attribute "password" {
    type        = string
    required    = true
    sensitive   = true
    write_only  = true
    description = "The password, 8 to 128 characters. A change made outside cannot be seen."
    validate {
      condition = length(value) >= 8 && length(value) <= 128
      message   = "The password needs 8 to 128 characters."
    }
  }
  attribute "assigned_password" {
    type        = string
    computed    = true
    sensitive   = true
    from        = []
    keep        = true
    description = "The password that the service made instead of the given one, should it do so. Null otherwise."
  }
  attribute "quota_mb" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "The size; 1024 if not set. A change destroys the mail."
    validate {
      condition = value >= 1
      message   = "The size is at least 1 MB."
    }
  }
  attribute "used_mb" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path = "/email"
      body = {
        address  = self.address
        password = self.password
        quota_mb = self.quota_mb
      }
      object = response
      result = { assigned_password = response.password }
    }
  }

  list {
    path       = "/email"
    paging     = "pages"
    items      = try(response.items, response.accounts, response.email, response)
    item_key   = item.id
    key        = self.id
    attributes = ["id", "address", "quota_mb", "used_mb", "status", "created_at"]
  }

  update "password" {
    attributes = ["password"]
    request "password" {
      method     = "PATCH"
      path       = "/email/${self.id}/password"
      idempotent = true
      body       = { password = self.password }
      result     = { assigned_password = response.password }
    }
  }

  delete {
    loses = "The mails of the mailbox are deleted with it. To keep them, set prevent_destroy in its lifecycle block."
    request "delete" {
      path = "/email/${self.id}"
    }
  }

  import "<address>" {
    when = can(regex("@", id))
  }
  import "<id>" {}

  recover {
    match = lower(item.address) == lower(self.address)
  }
}

data "xessone_email_accounts" {
  description = "All mailboxes."
  attribute "accounts" {
    type = list(object({
      id         = string
      address    = string
      quota_mb   = number
      used_mb    = number
      status     = string
      created_at = string
    }))
    computed = true
  }
  request "list" {
    path   = "/email"
    paging = "pages"
    items  = try(response.items, response.accounts, response.email, response)
    result = { accounts = items }
  }
}

data "xessone_email_activity" {
  description = "What was sent and received."
  attribute "days" {
    type        = number
    default     = 30
    from        = []
    description = "How many days back."
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "The number of days is a whole number from 1."
    }
  }
  attribute "period_start" {
    type     = string
    computed = true
  }
  attribute "period_end" {
    type     = string
    computed = true
  }
  attribute "total_sent" {
    type     = number
    computed = true
  }
  attribute "total_received" {
    type     = number
    computed = true
  }
  attribute "accounts" {
    type = list(object({
      id            = string
      address       = string
      sent          = number
      received      = number
      used_mb       = number
      last_login_at = string
    }))
    computed = true
  }
  request "activity" {
    path  = "/email/activity"
    query = { days = self.days }
  }
}
