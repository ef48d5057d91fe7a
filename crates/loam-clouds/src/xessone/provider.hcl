# XessOne API v1.
#
# Most object shapes of this API are not documented; where a shape may differ, the
# expressions here take all that are likely (try) and the status decides. Only VPS have a
# detail request: everything else is read by its list.

provider "xessone" {
  source      = "registry.terraform.io/loam-iac/xessone"
  version     = "1.0.0"
  description = "Virtual servers, e-mail accounts, buckets and DNS records of XessOne."

  setting "api_key" {
    required    = true
    sensitive   = true
    env         = ["XESSONE_API_KEY"]
    description = "API key from Settings > API Keys of the dashboard."
  }
  setting "endpoint" {
    env         = ["XESSONE_ENDPOINT"]
    default     = "https://api.xessone.com/v1"
    description = "Base address of the API, with /v1."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["XESSONE_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "Requests per minute of the account's plan: 60 (Solo Edge), 300 (Continental) or 1000 (Planetary). Answers that tell another limit take precedence."
  }

  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.api_key}" }
  timeout  = "60s"

  envelope {
    data    = try(body.data, body)
    success = try(body.success, true)
  }

  errors {
    code    = try(tostring(body.error.code), null)
    message = try(tostring(body.error.message), tostring(body.error), tostring(body.message), null)

    error "404" {
      gone = true
    }
    error "bucket_not_empty" {
      hint = "A bucket is deleted only when it is empty: delete its objects first."
    }
    error "403" {
      hint = "The key may only read; make one with full permission in the dashboard."
    }
  }

  paging "pages" {
    style      = "page"
    param      = "page"
    size_param = "per_page"
    size       = 100
    last_page  = try(body.meta.total_pages, null)
    total      = try(body.meta.total, null)
    # No paging is documented: without a count the list is whole.
    more = false
  }

  rate_limit {
    per_minute       = provider.requests_per_minute
    limit_header     = "X-RateLimit-Limit"
    remaining_header = "X-RateLimit-Remaining"
    reset_header     = "X-RateLimit-Reset"
    key              = provider.api_key
  }
}
