resource "terraform_data" "a" {
  count = 2
  input = count.index
  lifecycle {
    postcondition {
      condition     = self.output < 1
      error_message = "post"
    }
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a[*].output
  lifecycle {
    precondition {
      condition     = length(terraform_data.a) == 2
      error_message = "pre"
    }
    postcondition {
      condition     = self.output[0] == 0
      error_message = "pre"
    }
  }
}
check "c" {
  assert {
    condition     = terraform_data.b.output[0] == 0
    error_message = "b"
  }
}
check "d" {
  assert {
    condition     = length(terraform_data.a) > 0
    error_message = "b"
  }
}
output "o" {
  value = terraform_data.b.output
  precondition {
    condition     = terraform_data.b.output[0] == 0
    error_message = "b"
  }
}
