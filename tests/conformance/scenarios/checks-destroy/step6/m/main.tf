variable "in" {
  validation {
    condition     = length(var.in) > 0
    error_message = "empty"
  }
}
resource "terraform_data" "b" {
  for_each = toset(["k"])
  input    = var.in
  lifecycle {
    postcondition {
      condition     = self.output != "zz"
      error_message = "post"
    }
  }
}
check "mc" {
  assert {
    condition     = terraform_data.b["k"].output == "x"
    error_message = "isn't x"
  }
}
output "mo" {
  value = var.in
  precondition {
    condition     = var.in != "q"
    error_message = "q"
  }
}
