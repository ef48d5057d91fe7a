resource "terraform_data" "a" {
  input = toset(["a", "b"])
}
resource "terraform_data" "b" {
  input            = "1"
  triggers_replace = tolist([1])
}
