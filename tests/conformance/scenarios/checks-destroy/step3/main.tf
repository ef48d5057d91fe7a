variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "no"
  }
}
resource "terraform_data" "a" {
  count = 2
  input = count.index
  lifecycle {
    precondition {
      condition     = var.v > 0
      error_message = "pre"
    }
    postcondition {
      condition     = self.output >= 0
      error_message = "post"
    }
  }
}
resource "terraform_data" "none" {
  count = 0
  lifecycle {
    precondition {
      condition     = var.v > 0
      error_message = "pre"
    }
  }
}
check "c" {
  assert {
    condition     = length(terraform_data.a) == 2
    error_message = "len"
  }
  assert {
    condition     = length(terraform_data.a) == 3
    error_message = "len3"
  }
}
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
  in       = each.key
}
output "o" {
  value = terraform_data.a[0].output
  precondition {
    condition     = var.v > 0
    error_message = "out"
  }
}
