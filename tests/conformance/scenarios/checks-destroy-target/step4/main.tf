resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output >= 0
      error_message = "post"
    }
  }
}
resource "terraform_data" "b" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output >= 0
      error_message = "post"
    }
  }
}
check "c" {
  assert {
    condition     = terraform_data.a.output == 1
    error_message = "a"
  }
}
output "o" {
  value = terraform_data.a.output
  precondition {
    condition     = terraform_data.b.output > 0
    error_message = "o"
  }
}
