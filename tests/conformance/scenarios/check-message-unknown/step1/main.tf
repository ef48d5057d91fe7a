variable "n" { default = "a" }
resource "terraform_data" "r" { input = var.n }
check "top" {
  assert {
    condition = terraform_data.r.input == "a"
    error_message = "not: ${terraform_data.r.output}"
  }
}
