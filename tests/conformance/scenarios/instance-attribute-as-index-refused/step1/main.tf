resource "terraform_data" "c" { 
  count = 1
  input = 1
}
output "x" { value = terraform_data.c[0]["input"] }
