resource "terraform_data" "ok" { input = 1 }
variable "x" {
  type = number
  default = 1
  validation {
    condition = tonumber("q") == 1
    error_message = "x"
  }
}
